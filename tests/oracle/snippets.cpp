#include "tests/oracle/snippets.h"

#include <fmt/format.h>

#include <algorithm>

#include <map>

namespace jatai {
namespace {

using Texts = std::vector<std::string>;

// ---- operands --------------------------------------------------------------------------------------------

std::uint32_t modified_constant(Rng& rng) {
    const std::uint32_t byte = rng.below(256);
    switch (rng.below(5)) {
        case 0:
            return byte;
        case 1:
            return byte << 16 | byte;
        case 2:
            return byte << 24 | byte << 8;
        case 3:
            return byte * 0x01010101u;
        default: {
            const unsigned turn = 8 + rng.below(24);
            const std::uint32_t value = 0x80u | (byte & 0x7F);
            return value >> turn | value << (32 - turn);
        }
    }
}

std::string core_register(unsigned n) { return fmt::format("r{}", n); }

// A list of registers, none of them `banned`, at least two.
std::string register_list(Rng& rng, unsigned banned, unsigned below) {
    std::string list;
    unsigned count = 0;
    for (unsigned r = 0; r < below; ++r) {
        const bool forced = r + 3 >= below && count < 2;
        if (r == banned || (!forced && rng.below(2) == 0)) continue;
        list += (list.empty() ? "" : ",") + core_register(r);
        ++count;
    }
    return "{" + list + "}";
}

// The registers a snippet uses: four core ones, three low ones, four singles, distinct within each kind
// unless the template does not mind.
struct Operands {
    std::map<char, std::string> names;

    Operands(Rng& rng, bool distinct) {
        choose(rng, distinct, "dnma", 13, "r");
        choose(rng, distinct, "DNM", 8, "r");
        choose(rng, distinct, "xyz", 32, "s");
        choose(rng, true, "ef", 16, "d");
    }
    void choose(Rng& rng, bool distinct, const std::string& keys, unsigned below, const std::string& prefix) {
        std::vector<unsigned> all(below);
        for (unsigned i = 0; i < below; ++i) all[i] = i;
        rng.shuffle(all);
        const bool free = !distinct && rng.below(3) == 0;
        for (std::size_t i = 0; i < keys.size(); ++i)
            names[keys[i]] = prefix + std::to_string(free ? rng.below(below) : all[i]);
    }
};

std::string number_word(Rng& rng, char key, unsigned argument) {
    switch (key) {
        case 'i':
            return std::to_string(rng.below(1u << argument));  // %i8: 0 to 255
        case 's':
            return std::to_string(1 + rng.below(argument));  // %s32: 1 to 32
        case 'u':
            return std::to_string(rng.below(argument));  // %u60: 0 to 59
        case 'k':
            return std::to_string(4 * rng.below(argument));  // %k16: 0, 4, ... 60
        default:
            return {};
    }
}

std::string plain_word(Rng& rng, char key, const Operands& operands) {
    switch (key) {
        case 'c':
            return std::to_string(modified_constant(rng));
        case 'r':
            return std::to_string(8 * (1 + rng.below(3)));
        case 'v':
            return fmt::format("{:.6g}",
                               (16 + rng.below(16)) / 16.0 * (1 << rng.below(5)));  // VMOV immediate
        default:
            return operands.names.at(key);
    }
}

unsigned register_number(const std::string& name) {
    return static_cast<unsigned>(std::stoul(name.substr(1)));
}

std::string load_address(const std::string& reg, unsigned offset) {
    return fmt::format("movw {0}, #:lower16:(scratch+{1})\n movt {0}, #:upper16:(scratch+{1})", reg, offset);
}

// %d %n %m %a: any of r0-r12; %D %N %M: r0-r7; %x %y %z: singles; %e %f: doubles; %c a modified constant; %r
// a rotation; %v a float constant; %q a condition and %Q its opposite (with_condition). A leading "!" asks
// for distinct registers. {base n}: n points into scratch anywhere; {base4 n}: at a word; {small n}: n is 0
// to 15; {list n}, {low n}: a register list without n; {word}: a random constant.
std::string braced_word(Rng& rng, const std::string& word, const Operands& operands) {
    const std::size_t space = word.find(' ');
    const std::string verb = word.substr(0, space);
    const std::string reg = space == std::string::npos ? "" : operands.names.at(word[space + 1]);
    if (verb == "base") return load_address(reg, 96 + rng.below(32));
    if (verb == "base4") return load_address(reg, 96 + 4 * rng.below(8));
    if (verb == "small") return fmt::format("movw {}, #{}", reg, rng.below(16));
    if (verb == "list") return register_list(rng, register_number(reg), 13);
    if (verb == "low") return register_list(rng, register_number(reg), 8);
    return std::to_string(rng.next() & 0xFFFFFFFFu);
}

bool is_braced_word(const std::string& word) {
    static const char* const kVerbs[] = {"base", "base4", "small", "list", "low", "word"};
    const std::string verb = word.substr(0, word.find(' '));
    return std::find(std::begin(kVerbs), std::end(kVerbs), verb) != std::end(kVerbs);
}

std::string expand(Rng& rng, std::string text) {
    const bool distinct = text[0] == '!';
    if (distinct) text.erase(0, 1);
    const Operands operands(rng, distinct);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string::npos;
        if (end != std::string::npos && is_braced_word(text.substr(i + 1, end - i - 1))) {
            out += braced_word(rng, text.substr(i + 1, end - i - 1), operands);
            i = end;
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const char key = text[++i];
            if (std::string("isuk").find(key) != std::string::npos) {
                std::size_t used = 0;
                const auto argument = static_cast<unsigned>(std::stoul(text.substr(i + 1), &used));
                out += number_word(rng, key, argument);
                i += used;
            } else {
                out += plain_word(rng, key, operands);
            }
        }
    }
    return out;
}

// ---- templates -------------------------------------------------------------------------------------------

Texts alu() {
    Texts texts;
    for (const char* name : {"and", "bic", "orr", "orn", "eor", "add", "adc", "sbc", "sub", "rsb"})
        for (const char* s : {"", "s"}) {
            const std::string head = std::string(name) + s + ".w %d, %n, ";
            for (const char* tail :
                 {"#%c", "%m", "%m, lsl #%s31", "%m, lsr #%s32", "%m, asr #%s32", "%m, ror #%s31", "%m, rrx"})
                texts.push_back(head + tail);
        }
    for (const char* name : {"mov", "mvn"})
        for (const char* s : {"", "s"}) {
            texts.push_back(std::string(name) + s + ".w %d, #%c");
            texts.push_back(std::string(name) + s + ".w %d, %m");
        }
    for (const char* s : {"", "s"}) {
        for (const char* tail : {"lsl #%s31", "lsr #%s32", "asr #%s32", "ror #%s31", "rrx"})
            texts.push_back(std::string("mvn") + s + ".w %d, %m, " + tail);
        for (const char* name : {"lsl", "lsr", "asr", "ror"}) {
            texts.push_back(std::string(name) + s + ".w %d, %m, #%s31");
            texts.push_back(std::string(name) + s + ".w %d, %n, %m");
        }
        texts.push_back(std::string("rrx") + s + " %d, %m");
    }
    for (const char* name : {"tst", "teq", "cmn", "cmp"})
        for (const char* tail :
             {"#%c", "%m", "%m, lsl #%s31", "%m, lsr #%s32", "%m, asr #%s32", "%m, ror #%s31", "%m, rrx"})
            texts.push_back(std::string(name) + ".w %n, " + tail);
    return texts;
}

Texts narrow() {
    Texts texts = {"lsls %D, %N, #%i5",
                   "lsrs %D, %N, #%s32",
                   "asrs %D, %N, #%s32",
                   "adds %D, %N, %M",
                   "subs %D, %N, %M",
                   "adds %D, %N, #%i3",
                   "subs %D, %N, #%i3",
                   "movs %D, #%i8",
                   "cmp %D, #%i8",
                   "adds %D, #%i8",
                   "subs %D, #%i8",
                   "rsbs %D, %N, #0",
                   "muls %D, %N, %D",
                   "add %d, %m",
                   "cmp %d, %m",
                   "mov %d, %m",
                   "mov %d, pc",
                   "add %d, pc",
                   "add %D, sp, #%k32",
                   ".align 2\n adr %D, . + 4 + %k16",
                   "nop",
                   "sxtb %D, %M",
                   "sxth %D, %M",
                   "uxtb %D, %M",
                   "uxth %D, %M",
                   "rev %D, %M",
                   "rev16 %D, %M",
                   "revsh %D, %M",
                   "cpsid i",
                   "cpsie i",
                   "cpsid if\n cpsie if",
                   "sev\n wfe",
                   "yield",
                   "sev"};
    for (const char* name : {"ands", "eors", "lsls", "lsrs", "asrs", "adcs", "sbcs", "rors", "orrs", "bics"})
        texts.push_back(std::string(name) + " %D, %M");
    for (const char* name : {"tst", "cmp", "cmn", "mvns"}) texts.push_back(std::string(name) + " %D, %M");
    return texts;
}

Texts stack_pointer() {
    return {"sub sp, sp, #%k64\n mov %d, sp\n mov sp, %d\n add sp, sp, #16\n sub sp, sp, #16\n mov %n, sp",
            "sub.w sp, sp, #%k64\n mov %d, sp",
            "subw sp, sp, #%k64\n mov %d, sp",
            "addw %d, sp, #%i12",
            "subw %d, sp, #%i12",
            "!mov %d, sp\n sub.w sp, sp, #1024\n mov %n, #%s60\n add sp, %n\n mov %n, sp\n mov sp, %d",
            "!mov %d, sp\n mov %n, #%s60\n sub.w sp, sp, %n, lsl #2\n mov %m, sp\n adds.w sp, sp, #8\n mov "
            "sp, %d",
            "!mov %d, sp\n sub.w %n, sp, %m\n add.w %a, sp, #64\n mov.w sp, %d",
            "!subs.w sp, sp, #%k64\n mov %d, sp"};
}

Texts plain_immediate() {
    return {"movw %d, #%i16",
            "movt %d, #%i16",
            "addw %d, %n, #%i12",
            "subw %d, %n, #%i12",
            "adr.w %d, . + 4 + %k64",
            "subw %d, pc, #%k16",
            "bfi %d, %n, #%u16, #%s16",
            "bfc %d, #%u16, #%s16",
            "sbfx %d, %n, #%u16, #%s16",
            "ubfx %d, %n, #%u16, #%s16",
            "sbfx %d, %n, #0, #32",
            "bfi %d, %n, #0, #32",
            "ubfx %d, %n, #31, #1",
            "ssat %d, #%s32, %n",
            "ssat %d, #%s32, %n, lsl #%s31",
            "ssat %d, #%s32, %n, asr #%s31",
            "usat %d, #%u32, %n",
            "usat %d, #%u32, %n, lsl #%s31",
            "usat %d, #%u32, %n, asr #%s31",
            "ssat16 %d, #%s16, %n",
            "usat16 %d, #%u16, %n"};
}

Texts dsp() {
    Texts texts = {"pkhbt %d, %n, %m",
                   "pkhbt %d, %n, %m, lsl #%s31",
                   "pkhtb %d, %n, %m, asr #%s32",
                   "sel %d, %n, %m",
                   "usad8 %d, %n, %m",
                   "usada8 %d, %n, %m, %a",
                   "qadd %d, %m, %n",
                   "qsub %d, %m, %n",
                   "qdadd %d, %m, %n",
                   "qdsub %d, %m, %n",
                   "rev.w %d, %m",
                   "rev16.w %d, %m",
                   "revsh.w %d, %m",
                   "rbit %d, %m",
                   "clz %d, %m"};
    for (const char* name : {"sxtb", "sxth", "uxtb", "uxth", "sxtb16", "uxtb16"})
        for (const char* tail : {"", ", ror #%r"})
            texts.push_back(std::string(name) + (name[4] ? "" : ".w") + " %d, %m" + tail);
    for (const char* name : {"sxtab", "sxtah", "uxtab", "uxtah", "sxtab16", "uxtab16"})
        for (const char* tail : {"", ", ror #%r"}) texts.push_back(std::string(name) + " %d, %n, %m" + tail);
    for (const char* prefix : {"s", "q", "sh", "u", "uq", "uh"})
        for (const char* name : {"add16", "asx", "sax", "sub16", "add8", "sub8"})
            texts.push_back(std::string(prefix) + name + " %d, %n, %m");
    return texts;
}

Texts multiplies() {
    Texts texts = {"mul %d, %n, %m",        "mla %d, %n, %m, %a",    "mls %d, %n, %m, %a",
                   "sdiv %d, %n, %m",       "udiv %d, %n, %m",       "!smull %d, %a, %n, %m",
                   "!umull %d, %a, %n, %m", "!smlal %d, %a, %n, %m", "!umlal %d, %a, %n, %m",
                   "!umaal %d, %a, %n, %m"};
    for (const char* name : {"smulbb", "smulbt", "smultb", "smultt", "smulwb", "smulwt", "smuad", "smuadx",
                             "smusd", "smusdx", "smmul", "smmulr"})
        texts.push_back(std::string(name) + " %d, %n, %m");
    for (const char* name : {"smlabb", "smlabt", "smlatb", "smlatt", "smlawb", "smlawt", "smlad", "smladx",
                             "smlsd", "smlsdx", "smmla", "smmlar", "smmls", "smmlsr"})
        texts.push_back(std::string(name) + " %d, %n, %m, %a");
    for (const char* name :
         {"smlalbb", "smlalbt", "smlaltb", "smlaltt", "smlald", "smlaldx", "smlsld", "smlsldx"})
        texts.push_back("!" + std::string(name) + " %d, %a, %n, %m");
    return texts;
}

Texts flow() {
    return {"cmp %n, %m\n b%q 1f\n add %d, %d, #1\n1: add %d, %d, #2",
            "b%q.w 1f\n add %d, %d, #1\n1: add %d, %d, #2",
            "cbz %D, 1f\n add %d, %d, #1\n1: nop",
            "cbnz %D, 1f\n add %d, %d, #1\n1: nop",
            "b 1f\n add %d, %d, #1\n1: nop",
            "b.w 1f\n add %d, %d, #1\n1: nop",
            "push {lr}\n bl 1f\n add %d, %d, #1\n b 2f\n1: add %n, %n, #3\n bx lr\n2: pop {lr}",
            "!push {lr}\n adr %D, 1f\n orr %D, %D, #1\n blx %D\n b 2f\n nop\n .align 2\n1: add %n, %n, #3\n "
            "push {lr}\n pop {pc}\n2: mov %D, #0\n pop {lr}",
            "!adr %D, 1f\n mov pc, %D\n add %d, %d, #1\n .align 2\n1: mov %D, #0",
            "!mov %D, #2\n add pc, %D\n .word 0\n nop\n add %d, %d, #1",
            "!adr %D, 1f\n orr %D, %D, #1\n bx %D\n add %d, %d, #1\n .align 2\n1: mov %D, #0",
            "!adr %D, 1f\n orr %D, %D, #1\n push {%D}\n ldr pc, [sp], #4\n add %d, %d, #1\n .align 2\n1: mov "
            "%D, #0",
            "!adr %D, 1f\n orr %D, %D, #1\n push {%D}\n mov %D, sp\n ldr.w pc, [%D, #0]\n add %d, %d, #1\n "
            ".align 2\n1: mov %D, #0\n add sp, #4",
            "!adr %D, 1f\n orr %D, %D, #1\n push {%D}\n mov %D, #0\n ldr.w pc, [sp, %D]\n add %d, %d, #1\n "
            ".align 2\n1: add sp, #4",
            "!ldr.w pc, 2f\n add %d, %d, #1\n .align 2\n2: .word 1f + 1\n1: nop",
            "!adr %D, 1f\n orr %D, %D, #1\n push {%D}\n push {r4, r5}\n pop {r4, r5, pc}\n add %d, %d, #1\n "
            ".align 2\n1: mov %D, #0",
            "!adr %D, 1f\n orr %D, %D, #1\n push {%D}\n push {r8, r9}\n mov r10, sp\n ldmia.w r10, {r8, r9, "
            "pc}\n add %d, %d, #1\n .align 2\n1: mov %D, #0\n mov r10, #0\n add sp, #12",
            "!movw %m, #%u4\n tbb [pc, %m]\n1: .byte (2f-1b)/2, (3f-1b)/2, (4f-1b)/2, (5f-1b)/2\n2: add %d, "
            "#1\n3: add %d, #2\n4: add %d, #4\n5: nop",
            "!movw %m, #%u4\n tbh [pc, %m, lsl #1]\n1: .short (2f-1b)/2, (3f-1b)/2, (4f-1b)/2, (5f-1b)/2\n2: "
            "add %d, #1\n3: add %d, #2\n4: add %d, #4\n5: nop",
            "!b 9f\n .align 2\n8: .byte (2f-1f)/2, (3f-1f)/2, (4f-1f)/2, (5f-1f)/2\n9: adr %n, 8b\n movw %m, "
            "#%u4\n tbb [%n, %m]\n1:\n2: add %d, #1\n3: add %d, #2\n4: add %d, #4\n5: mov %n, #0",
            "dsb\n isb\n dmb",
            "nop.w\n yield.w\n sev.w\n wfe.w",
            "mrs %d, apsr",
            "msr apsr_nzcvqg, %n\n mrs %d, apsr",
            "msr apsr_g, %n",
            "msr apsr_nzcvq, %n",
            "mrs %d, ipsr",
            "mrs %d, xpsr",
            "mrs %d, control",
            "!mov %d, #1\n msr primask, %d\n mrs %n, primask\n cpsie i\n mrs %m, primask",
            "!mov %d, #0x40\n msr basepri, %d\n mrs %n, basepri\n mov %a, #0x20\n msr basepri_max, %a\n mrs "
            "%m, basepri\n mov %d, #0\n msr basepri, %d",
            "!mov %d, #1\n msr faultmask, %d\n mrs %n, faultmask\n cpsie f\n mrs %m, faultmask",
            "!mrs %d, msp\n sub %n, %d, #32\n msr msp, %n\n mov %m, sp\n msr msp, %d",
            "!movw %d, #%i12\n msr psp, %d\n mrs %n, psp"};
}

// IT blocks of every shape round instructions of both widths; flags change inside.
Texts conditional() {
    Texts texts;
    for (const char* shape :
         {"", "t", "e", "tt", "te", "et", "ee", "ttt", "tte", "tet", "tee", "ett", "ete", "eet", "eee"}) {
        static const char* const kBodies[4] = {"add{} %d, %n, %m", "mov{}.w %a, #%c", "cmp{} %n, #3",
                                               "mul{} %d, %n, %d"};
        static const char* const kOthers[4] = {"lsl{} %D, %N, #3", "and{} %D, %M", "tst{} %D, %M",
                                               "sub{} %D, %D, #1"};
        for (const auto& bodies : {kBodies, kOthers}) {
            std::string text = std::string("it") + shape + " %q";
            std::string all = std::string("t") + shape;
            for (std::size_t i = 0; i < all.size(); ++i) {
                std::string body = bodies[i];
                body.replace(body.find("{}"), 2, all[i] == 't' ? "%q" : "%Q");
                text += "\n " + body;
            }
            texts.push_back(text);
        }
    }
    texts.push_back("it %q\n b%q 1f\n add %d, %d, #1\n1: nop");
    texts.push_back("!push {lr}\n ite %q\n add%q %d, %n\n sub%Q %d, %n\n pop {lr}");
    return texts;
}

Texts memory() {
    Texts texts;
    for (const char* name : {"ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "str", "strb", "strh"}) {
        const std::string head = "!{base n}\n " + std::string(name);
        for (const char* tail :
             {".w %d, [%n]", ".w %d, [%n, #%u60]", " %d, [%n, #-%s60]", " %d, [%n, #%s60]!",
              " %d, [%n, #-%s60]!", " %d, [%n], #%s60", " %d, [%n], #-%s60", "t %d, [%n, #%u60]"})
            texts.push_back(head + tail);
        const std::string indexed = "!{base n}\n {small m}\n " + std::string(name);
        texts.push_back(indexed + ".w %d, [%n, %m]");
        texts.push_back(indexed + ".w %d, [%n, %m, lsl #%s3]");
        texts.push_back("!{base N}\n {small M}\n " + std::string(name) + " %D, [%N, %M]");
    }
    for (const char* name : {"ldr", "ldrb", "ldrh", "ldrsb", "ldrsh"})
        texts.push_back("!" + std::string(name) + ".w %d, 1f\n b 2f\n .align 2\n1: .word {word}\n2: nop");
    for (const char* name : {"ldr", "str"})
        texts.push_back("!{base4 N}\n " + std::string(name) + " %D, [%N, #%k16]");
    for (const char* name : {"ldrb", "strb"})
        texts.push_back("!{base N}\n " + std::string(name) + " %D, [%N, #%i5]");
    for (const char* name : {"ldrh", "strh"})
        texts.push_back("!{base N}\n " + std::string(name) + " %D, [%N, #2]");
    for (const char* name : {"ldrd", "strd"}) {
        const std::string head = "!{base4 n}\n " + std::string(name) + " %d, %m, ";
        for (const char* tail : {"[%n, #%k15]", "[%n, #-8]", "[%n, #%k15]!", "[%n], #%k15", "[%n], #-12"})
            texts.push_back(head + tail);
    }
    const Texts more = {
        "!ldrd %d, %m, 1f\n b 2f\n .align 2\n1: .word {word}, {word}\n2: nop",
        "!ldr %D, 1f\n b 2f\n .align 2\n1: .word {word}\n2: nop",
        "!{base4 n}\n ldmia.w %n, {list n}",
        "!{base4 n}\n ldmia.w %n!, {list n}",
        "!{base4 n}\n ldmdb %n, {list n}",
        "!{base4 n}\n ldmdb %n!, {list n}",
        "!{base4 n}\n stmia.w %n, {list n}",
        "!{base4 n}\n stmia.w %n!, {list n}",
        "!{base4 n}\n stmdb %n, {list n}",
        "!{base4 n}\n stmdb %n!, {list n}",
        "!{base4 N}\n stmia %N!, {low N}",
        "!{base4 N}\n ldmia %N!, {low N}",
        "!{base4 N}\n ldmia %N, {%N, %D}",
        "!push {low D}\n str %N, [sp, #0]\n ldr %M, [sp, #4]\n add sp, #4\n ldr %D, [sp], #4\n mov %D, sp",
        "!push {%d}\n push {%n}\n pop {%d}\n pop {%n}",
        "!push.w {r4-r11}\n pop.w {r5-r12}",
        "!str %d, [sp, #-4]!\n ldr %n, [sp], #4",
        "!{base4 n}\n ldrex %d, [%n, #%k8]\n strex %a, %m, [%n, #%k1]",
        "!{base4 n}\n ldrex %d, [%n]\n clrex\n strex %a, %m, [%n]",
        "!{base4 n}\n ldrexb %d, [%n]\n strexb %a, %m, [%n]",
        "!{base4 n}\n ldrexh %d, [%n]\n strexh %a, %m, [%n]",
        "!{base4 n}\n clrex\n strexb %a, %m, [%n]\n strexh %d, %m, [%n]",
        "!{base4 n}\n pld [%n, #4]\n pli [%n, #8]",
        "!{base4 n}\n it %q\n ldr%q %d, [%n, #8]",
        "!{base4 n}\n ite %q\n str%q %d, [%n, #8]\n ldr%Q %d, [%n]"};
    texts.insert(texts.end(), more.begin(), more.end());
    return texts;
}

Texts floats() {
    Texts texts;
    for (const char* name : {"vadd", "vsub", "vmul", "vnmul", "vmla", "vmls", "vnmla", "vnmls", "vfma",
                             "vfms", "vfnma", "vfnms", "vdiv"})
        texts.push_back(std::string(name) + ".f32 %x, %y, %z");
    for (const char* name :
         {"vsqrt", "vabs", "vneg", "vmov", "vcvtb.f32.f16", "vcvtt.f32.f16", "vcvtb.f16.f32", "vcvtt.f16.f32",
          "vcvt.s32.f32", "vcvt.u32.f32", "vcvtr.s32.f32", "vcvtr.u32.f32", "vcvt.f32.s32", "vcvt.f32.u32"}) {
        const std::string word = name;
        texts.push_back(word + (word.find('.') == std::string::npos ? ".f32" : "") + " %x, %y");
    }
    for (const char* name : {"vcmp", "vcmpe"}) {
        texts.push_back(std::string(name) + ".f32 %x, %y\n vmrs apsr_nzcv, fpscr");
        texts.push_back(std::string(name) + ".f32 %x, #0\n vmrs apsr_nzcv, fpscr");
    }
    for (const char* type : {"s16", "u16"}) {
        texts.push_back(std::string("vcvt.") + type + ".f32 %x, %x, #%s16");
        texts.push_back(std::string("vcvt.f32.") + type + " %x, %x, #%s16");
    }
    for (const char* type : {"s32", "u32"}) {
        texts.push_back(std::string("vcvt.") + type + ".f32 %x, %x, #%s32");
        texts.push_back(std::string("vcvt.f32.") + type + " %x, %x, #%s32");
    }
    const Texts more = {"vmov.f32 %x, #%v",
                        "vmov.f32 %x, #-%v",
                        "vmov %d, %x",
                        "vmov %x, %d",
                        "!vmov %d, %n, s6, s7",
                        "!vmov s8, s9, %d, %n",
                        "!vmov %d, %n, %e",
                        "!vmov %e, %d, %n",
                        ".fpu fpv5-d16\n vmov.32 %d, %e[0]\n .fpu fpv4-sp-d16",
                        ".fpu fpv5-d16\n vmov.32 %d, %e[1]\n .fpu fpv4-sp-d16",
                        ".fpu fpv5-d16\n vmov.32 %e[0], %d\n .fpu fpv4-sp-d16",
                        ".fpu fpv5-d16\n vmov.32 %e[1], %d\n .fpu fpv4-sp-d16",
                        "vmrs %d, fpscr",
                        "vmsr fpscr, %d\n vmrs %n, fpscr\n vadd.f32 %x, %y, %z",
                        "it %q\n vadd%q.f32 %x, %y, %z",
                        "ite %q\n vmul%q.f32 %x, %y, %z\n vcmp%Q.f32 %x, %y"};
    texts.insert(texts.end(), more.begin(), more.end());
    return texts;
}

Texts float_memory() {
    return {"!{base4 n}\n vldr %x, [%n, #%k15]",
            "!{base4 n}\n vldr %x, [%n, #-%k15]",
            "!{base4 n}\n vstr %x, [%n, #%k15]",
            "!{base4 n}\n vstr %x, [%n, #-%k15]",
            "!{base4 n}\n vldr %e, [%n, #%k15]",
            "!{base4 n}\n vstr %e, [%n, #%k15]",
            "!vldr %x, 1f\n b 2f\n .align 2\n1: .word {word}\n2: nop",
            "!vldr %e, 1f\n b 2f\n .align 3\n1: .word {word}, {word}\n2: nop",
            "!{base4 n}\n vldmia %n, {s3-s9}",
            "!{base4 n}\n vldmia %n!, {s12-s20}",
            "!{base4 n}\n vldmdb %n!, {s1-s4}",
            "!{base4 n}\n vstmia %n, {s5-s11}",
            "!{base4 n}\n vstmia %n!, {s22-s31}",
            "!{base4 n}\n vstmdb %n!, {s0-s7}",
            "!{base4 n}\n vldmia %n!, {d2-d6}",
            "!{base4 n}\n vstmdb %n!, {d9-d12}",
            "vpush {s4-s9}\n vpop {s14-s19}",
            "vpush {d3-d5}\n vpop {d10-d12}"};
}

// The opposite condition, for the else part of IT: %Q.
std::string opposite(const std::string& condition) {
    static const std::map<std::string, std::string> kOpposite = {
        {"eq", "ne"}, {"ne", "eq"}, {"cs", "cc"}, {"cc", "cs"}, {"mi", "pl"}, {"pl", "mi"}, {"vs", "vc"},
        {"vc", "vs"}, {"hi", "ls"}, {"ls", "hi"}, {"ge", "lt"}, {"lt", "ge"}, {"gt", "le"}, {"le", "gt"}};
    return kOpposite.at(condition);
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string with_condition(Rng& rng, const std::string& text) {
    static const char* const kConditions[14] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs",
                                                "vc", "hi", "ls", "ge", "lt", "gt", "le"};
    const std::string condition = kConditions[rng.below(14)];
    return replace_all(replace_all(text, "%Q", opposite(condition)), "%q", condition);
}

}  // namespace

std::vector<Snippet> make_snippets(Rng& rng, unsigned variants) {
    std::vector<Snippet> snippets;
    const auto add = [&](const Texts& texts, unsigned kind) {
        for (const std::string& text : texts)
            for (unsigned i = 0; i < variants; ++i)
                snippets.push_back({expand(rng, with_condition(rng, text)), kind});
    };
    for (const Texts& texts :
         {alu(), narrow(), stack_pointer(), plain_immediate(), dsp(), multiplies(), flow(), conditional()})
        add(texts, kSnippetIntegers);
    add(memory(), kSnippetIntegers | kSnippetMemory);
    add(floats(), kSnippetIntegers | kSnippetFloats);
    add(float_memory(), kSnippetIntegers | kSnippetFloats | kSnippetMemory);
    return snippets;
}

}  // namespace jatai
