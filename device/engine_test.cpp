#include "device/engine.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace jatai {
namespace {

struct CopyParams {
    uint32_t bytes;
};

bool fits_copy(const Claim& claim) {
    const auto* p = claim.parameters<CopyParams>();
    return p != nullptr && claim.operand_count == 2 && claim.operand_bytes[0] >= p->bytes &&
           claim.operand_bytes[1] >= p->bytes && claim.writable[1];
}

void run_copy(const Call& call) {
    std::memcpy(call.operands[1], call.operands[0], call.parameters<CopyParams>().bytes);
}

constexpr Kernel kCopy{{Op::Reshape, Type::Int8, 9}, fits_copy, run_copy};
const Kernel* const kKernels[] = {&kCopy};
constexpr KernelSet kSet{kKernels, 1};

// A package by hand: one step copies 16 bytes from input (arena 0) to output (arena 16). Each part lies in a
// field, so a test can spoil one.
struct alignas(16) Parts {
    PackageHeader header{};
    TensorRecord input{};
    TensorRecord output{};
    StepRecord step{};
    PlaceRecord places[2] = {{0, 16}, {16, 16}};
    KernelRecord kernel{8, 1, 9};
    uint8_t padding[12] = {};
    BlobRecord blob{};
    CopyParams params{16};
    uint8_t more[12] = {};
    char names[16] = "in\0out\0note\0m";

    Parts() {
        const auto offset = [&](const void* field) {
            return static_cast<uint32_t>(static_cast<const char*>(field) -
                                         reinterpret_cast<const char*>(this));
        };
        header.magic = kPackageMagic;
        header.version = 1;
        header.header_bytes = sizeof header;
        header.total_bytes = sizeof(Parts);
        header.arena_bytes = 32;
        header.inputs = {offset(&input), 1};
        header.outputs = {offset(&output), 1};
        header.steps = {offset(&step), 1};
        header.operands = {offset(places), 2};
        header.kernels = {offset(&kernel), 1};
        header.blobs = {offset(&blob), 1};
        header.constants = {offset(&params), 16};
        header.name = offset(names) + 12;
        header.name_bytes = 1;
        input = {{0, 16}, 1, 2, 2, offset(names), {4, 4, 1, 1, 1, 1}, 0.5f, -3};
        output = {{16, 16}, 1, 1, 3, offset(names) + 3, {16, 1, 1, 1, 1, 1}, 0.25f, 4};
        step = {0, 2, 0, 0, sizeof(CopyParams)};
        blob = {offset(names) + 7, 4, offset(&params), 4};
    }
};
static_assert(sizeof(Parts) % 16 == 0, "a package is a multiple of 16");

struct Bench {
    Parts parts;
    alignas(16) uint8_t arena[32] = {};
    Engine engine;
    Status open() { return engine.open(&parts, sizeof parts, arena, sizeof arena, kSet); }
};

TEST(Engine, RunsTheStepsOfAPackage) {
    Bench b;
    ASSERT_EQ(b.open(), Status::Ok);
    EXPECT_TRUE(b.engine.is_open());
    for (int i = 0; i < 16; ++i)
        static_cast<uint8_t*>(b.engine.input().data)[i] = static_cast<uint8_t>(i * 7);
    b.engine.run();
    EXPECT_EQ(std::memcmp(b.engine.input().data, b.engine.output().data, 16), 0);
    EXPECT_STREQ(b.engine.output().name, "out");
    EXPECT_EQ(b.engine.input().rank, 2);
    EXPECT_EQ(b.engine.input().shape[1], 4);
    EXPECT_EQ(b.engine.output().scale, 0.25f);
    EXPECT_EQ(b.engine.output().zero_point, 4);
}

TEST(Engine, FindsASectionByItsWholeName) {
    Bench b;
    ASSERT_EQ(b.open(), Status::Ok);
    EXPECT_EQ(b.engine.blob("note").bytes, 4u);
    EXPECT_EQ(b.engine.blob("note").data[0], 16);
    EXPECT_EQ(b.engine.blob("not").data, nullptr);
    EXPECT_EQ(b.engine.blob("notes").data, nullptr);
    EXPECT_EQ(b.engine.blob("").data, nullptr);
}

TEST(Engine, CallsTheHookRoundEveryStep) {
    Bench b;
    ASSERT_EQ(b.open(), Status::Ok);
    std::vector<int> calls;
    const StepHook hook{
        [](void* c, uint32_t i) { static_cast<std::vector<int>*>(c)->push_back(int(i)); },
        [](void* c, uint32_t i) { static_cast<std::vector<int>*>(c)->push_back(int(i) + 100); }, &calls};
    b.engine.run(hook);
    EXPECT_EQ(calls, (std::vector<int>{0, 100}));
}

TEST(Engine, ZeroesTheStateOnOpenAndOnReset) {
    Bench b;
    b.parts.header.state_bytes = 16;
    std::memset(b.arena, 7, sizeof b.arena);
    ASSERT_EQ(b.open(), Status::Ok);
    EXPECT_EQ(b.arena[15], 0);
    EXPECT_EQ(b.arena[16], 7);
    b.arena[0] = 9;
    b.engine.reset();
    EXPECT_EQ(b.arena[0], 0);
}

// One way to spoil a package, and what the engine must say.
struct Spoiled {
    const char* what;
    void (*spoil)(Parts& parts);
    Status expected;
};

TEST(Engine, RefusesEverySpoiledFieldWithItsOwnReason) {
    const Spoiled cases[] = {
        {"magic", [](Parts& p) { p.header.magic ^= 1; }, Status::BadMagic},
        {"version", [](Parts& p) { p.header.version = 2; }, Status::BadVersion},
        {"total too large", [](Parts& p) { p.header.total_bytes += 16; }, Status::BadLength},
        {"total not a multiple of 16", [](Parts& p) { p.header.total_bytes -= 4; }, Status::BadLength},
        {"total below the header", [](Parts& p) { p.header.total_bytes = 144; }, Status::BadLength},
        {"header bytes", [](Parts& p) { p.header.header_bytes = 176; }, Status::BadHeader},
        {"flags", [](Parts& p) { p.header.flags = 1; }, Status::BadHeader},
        {"reserved", [](Parts& p) { p.header.reserved[6] = 1; }, Status::BadHeader},
        {"board without end", [](Parts& p) { std::memset(p.header.board, 'x', 16); }, Status::BadHeader},
        {"state beyond the arena", [](Parts& p) { p.header.state_bytes = 33; }, Status::BadHeader},
        {"arena not a multiple of 16", [](Parts& p) { p.header.arena_bytes = 24; }, Status::BadHeader},
        {"arena too large", [](Parts& p) { p.header.arena_bytes = 48; }, Status::ArenaTooSmall},
        {"table inside the header", [](Parts& p) { p.header.inputs.offset = 16; }, Status::BadTable},
        {"table misaligned", [](Parts& p) { p.header.steps.offset += 4; }, Status::BadTable},
        {"table count wraps", [](Parts& p) { p.header.operands.count = 0x20000000; }, Status::BadTable},
        {"table beyond the end", [](Parts& p) { p.header.blobs.offset = 0xFFFFFFF0; }, Status::BadTable},
        {"constants beyond the end", [](Parts& p) { p.header.constants.count = 4096; }, Status::BadTable},
        {"name beyond the end", [](Parts& p) { p.header.name = 0xFFFFFFFF; }, Status::BadName},
        {"name without end", [](Parts& p) { p.names[13] = 'x'; }, Status::BadName},
        {"tensor name too long", [](Parts& p) { p.input.name_bytes = 256; }, Status::BadName},
        {"tensor type", [](Parts& p) { p.input.type = 99; }, Status::BadTensor},
        {"tensor rank", [](Parts& p) { p.input.rank = 7; }, Status::BadTensor},
        {"tensor extent 0", [](Parts& p) { p.input.shape[0] = 0; }, Status::BadTensor},
        {"tensor extent negative", [](Parts& p) { p.input.shape[0] = -4; }, Status::BadTensor},
        {"tensor extent beyond rank", [](Parts& p) { p.output.shape[1] = 2; }, Status::BadTensor},
        {"shape wraps", [](Parts& p) { p.input.shape[0] = p.input.shape[1] = 0x40000002; },
         Status::BadTensor},
        {"input among the constants", [](Parts& p) { p.input.place.where = kConstantFlag; },
         Status::BadTensor},
        {"input absent",
         [](Parts& p) {
             p.input.place = {kAbsent, 0};
         },
         Status::BadTensor},
        {"output outside the arena", [](Parts& p) { p.output.place.where = 24; }, Status::BadTensor},
        {"section misaligned", [](Parts& p) { p.blob.offset += 8; }, Status::BadBlob},
        {"section beyond the end", [](Parts& p) { p.blob.bytes = 0xFFFFFFFF; }, Status::BadBlob},
        {"kernel unknown", [](Parts& p) { p.kernel.version = 8; }, Status::MissingKernel},
        {"step's kernel", [](Parts& p) { p.step.kernel = 1; }, Status::BadStep},
        {"step's operand count", [](Parts& p) { p.step.operand_count = 13; }, Status::BadStep},
        {"step's operands", [](Parts& p) { p.step.operands = 1; }, Status::BadStep},
        {"step's operands wrap", [](Parts& p) { p.step.operands = 0xFFFFFFFF; }, Status::BadStep},
        {"parameters misaligned", [](Parts& p) { p.step.params = 4; }, Status::BadStep},
        {"parameters beyond", [](Parts& p) { p.step.params_bytes = 17; }, Status::BadStep},
        {"operand misaligned", [](Parts& p) { p.places[0].where = 4; }, Status::BadOperand},
        {"operand outside the arena", [](Parts& p) { p.places[1].where = 32; }, Status::BadOperand},
        {"operand larger than the arena", [](Parts& p) { p.places[1].bytes = 0xFFFFFFF0; },
         Status::BadOperand},
        {"operand outside the constants", [](Parts& p) { p.places[0].where = kConstantFlag + 8; },
         Status::BadOperand},
        {"operand of no bytes", [](Parts& p) { p.places[0].bytes = 0; }, Status::BadOperand},
        {"absent operand with bytes", [](Parts& p) { p.places[0].where = kAbsent; }, Status::BadOperand},
        {"writes to a constant", [](Parts& p) { p.places[1].where = kConstantFlag; }, Status::KernelRefused},
        {"kernel's size", [](Parts& p) { p.params.bytes = 17; }, Status::KernelRefused},
        {"parameters too short", [](Parts& p) { p.step.params_bytes = 3; }, Status::KernelRefused},
    };
    for (const Spoiled& c : cases) {
        Bench b;
        c.spoil(b.parts);
        EXPECT_EQ(b.open(), c.expected) << c.what;
        EXPECT_FALSE(b.engine.is_open()) << c.what;
    }
}

TEST(Engine, RefusesMemoryThatIsMissingShortOrMisaligned) {
    Bench b;
    EXPECT_EQ(b.engine.open(nullptr, sizeof(Parts), b.arena, 32, kSet), Status::TooShort);
    EXPECT_EQ(b.engine.open(&b.parts, sizeof(PackageHeader) - 1, b.arena, 32, kSet), Status::TooShort);
    EXPECT_EQ(b.engine.open(&b.parts, sizeof(Parts) - 16, b.arena, 32, kSet), Status::BadLength);
    EXPECT_EQ(b.engine.open(&b.parts, sizeof(Parts), b.arena + 8, 16, kSet), Status::ArenaUnaligned);
    EXPECT_EQ(b.engine.open(&b.parts, sizeof(Parts), b.arena, 16, kSet), Status::ArenaTooSmall);
    EXPECT_EQ(b.engine.open(&b.parts, sizeof(Parts), nullptr, 32, kSet), Status::ArenaTooSmall);
    std::vector<uint8_t> moved(sizeof(Parts) + 32);
    uint8_t* odd = moved.data() + 8 - reinterpret_cast<uintptr_t>(moved.data()) % 8;
    if (reinterpret_cast<uintptr_t>(odd) % 16 == 0) odd += 8;
    std::memcpy(odd, &b.parts, sizeof(Parts));
    EXPECT_EQ(b.engine.open(odd, sizeof(Parts), b.arena, 32, kSet), Status::PackageUnaligned);
}

}  // namespace
}  // namespace jatai
