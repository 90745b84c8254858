// Tables and rules after ISO/IEC 18004:2015: clause numbers beside them.
#include "src/fleet/qr.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

using Words = std::vector<std::uint8_t>;

// Table 9, level M, versions 1 to 10: check words of a block, and blocks of so many data words.
struct Form {
    int check, blocks, words, more_blocks;  // more_blocks of words + 1
};
constexpr Form kForms[] = {{10, 1, 16, 0}, {16, 1, 28, 0}, {26, 1, 44, 0}, {18, 2, 32, 0}, {24, 2, 43, 0},
                           {16, 4, 27, 0}, {18, 4, 31, 0}, {22, 2, 38, 2}, {22, 3, 36, 2}, {26, 4, 43, 1}};
constexpr int kVersions = 10;

// Annex E: centres of the alignment marks.
constexpr int kMarks[kVersions][3] = {{0, 0, 0},  {6, 18, 0},  {6, 22, 0},  {6, 26, 0},  {6, 30, 0},
                                      {6, 34, 0}, {6, 22, 38}, {6, 24, 42}, {6, 26, 46}, {6, 28, 50}};

int data_words(const Form& f) { return f.blocks * f.words + f.more_blocks * (f.words + 1); }

// ---- Reed and Solomon over GF(256), polynomial 0x11D (7.5)

std::uint8_t times(std::uint8_t a, std::uint8_t b) {
    unsigned out = 0;
    for (int bit = 7; bit >= 0; --bit) {
        out = (out << 1) ^ ((out >> 7) * 0x11D);
        if ((b >> bit & 1) != 0) out ^= a;
    }
    return static_cast<std::uint8_t>(out);
}

Words generator(int degree) {
    Words g(static_cast<std::size_t>(degree), 0);
    g.back() = 1;
    std::uint8_t root = 1;
    for (int i = 0; i < degree; ++i) {
        for (std::size_t k = 0; k < g.size(); ++k) {
            g[k] = times(g[k], root);
            if (k + 1 < g.size()) g[k] ^= g[k + 1];
        }
        root = times(root, 2);
    }
    return g;
}

Words check_words(const Words& data, const Words& g) {
    Words rest(g.size(), 0);
    for (const std::uint8_t word : data) {
        const auto factor = static_cast<std::uint8_t>(word ^ rest.front());
        rest.erase(rest.begin());
        rest.push_back(0);
        for (std::size_t k = 0; k < g.size(); ++k) rest[k] ^= times(g[k], factor);
    }
    return rest;
}

// ---- the bits (7.4): byte mode, its length, the bytes, the end, filled up

class Bits {
  public:
    void put(std::uint32_t value, int count) {
        for (int bit = count - 1; bit >= 0; --bit) {
            if (used_++ % 8 == 0) words_.push_back(0);
            words_.back() =
                static_cast<std::uint8_t>(words_.back() | (value >> bit & 1) << (7 - (used_ - 1) % 8));
        }
    }
    Words fill(int count) {
        const int room = count * 8 - static_cast<int>(used_);
        put(0, std::min(4, room));
        for (int pad = 0; static_cast<int>(words_.size()) < count; ++pad)
            words_.push_back(pad % 2 == 0 ? 0xEC : 0x11);
        return words_;
    }

  private:
    Words words_;
    std::size_t used_ = 0;
};

int version_for(std::size_t bytes) {
    for (int v = 1; v <= kVersions; ++v) {
        const int header = v < 10 ? 12 : 20;
        if (static_cast<int>(bytes) * 8 + header <= data_words(kForms[v - 1]) * 8) return v;
    }
    throw Error{text("{} bytes do not fit into a QR code of ours, expected at most 213", bytes)};
}

// Blocks side by side, word after word (7.6).
Words interleave(const Words& data, const Form& f) {
    const Words g = generator(f.check);
    std::vector<Words> blocks, checks;
    std::size_t at = 0;
    for (int b = 0; b < f.blocks + f.more_blocks; ++b) {
        const std::size_t length = static_cast<std::size_t>(f.words + (b >= f.blocks ? 1 : 0));
        blocks.emplace_back(data.begin() + static_cast<std::ptrdiff_t>(at),
                            data.begin() + static_cast<std::ptrdiff_t>(at + length));
        checks.push_back(check_words(blocks.back(), g));
        at += length;
    }
    Words out;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(f.words); ++i) {
        for (const Words& block : blocks) {
            if (i < block.size()) out.push_back(block[i]);
        }
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(f.check); ++i) {
        for (const Words& check : checks) out.push_back(check[i]);
    }
    return out;
}

// ---- the picture

class Picture {
  public:
    explicit Picture(int version) : version_(version), size_(17 + 4 * version) {
        dark_.assign(static_cast<std::size_t>(size_ * size_), false);
        fixed_ = dark_;
        for (int i = 0; i < size_; ++i) {
            fix(6, i, i % 2 == 0);
            fix(i, 6, i % 2 == 0);
        }
        finder(3, 3);
        finder(size_ - 4, 3);
        finder(3, size_ - 4);
        align();
        format(0);
        number();
    }

    // In columns of two, right to left, up and down (7.7.3).
    void place(const Words& words) {
        std::size_t bit = 0;
        for (int right = size_ - 1; right >= 1; right -= 2) {
            if (right == 6) right = 5;
            const bool up = ((right + 1) & 2) == 0;
            for (int i = 0; i < size_; ++i) {
                for (int x = right; x > right - 2; --x) {
                    const int y = up ? size_ - 1 - i : i;
                    if (fixed_[index(x, y)] || bit >= words.size() * 8) continue;
                    dark_[index(x, y)] = (words[bit / 8] >> (7 - bit % 8) & 1) != 0;
                    ++bit;
                }
            }
        }
    }

    void mask(int which) {
        for (int y = 0; y < size_; ++y) {
            for (int x = 0; x < size_; ++x) {
                if (!fixed_[index(x, y)] && masked(which, x, y)) dark_[index(x, y)] = !dark_[index(x, y)];
            }
        }
        format(which);
    }

    // How hard it is to read (7.8.3).
    int penalty() const {
        int sum = 0, count = 0;
        for (int i = 0; i < size_; ++i) sum += line_penalty(i, true) + line_penalty(i, false);
        for (int y = 0; y < size_; ++y) {
            for (int x = 0; x < size_; ++x) {
                count += get(x, y) ? 1 : 0;
                const bool square = x > 0 && y > 0 && get(x, y) == get(x - 1, y) &&
                                    get(x, y) == get(x, y - 1) && get(x, y) == get(x - 1, y - 1);
                sum += square ? 3 : 0;
            }
        }
        return sum + std::abs(count * 20 - size_ * size_ * 10) / (size_ * size_) * 10;
    }

    Qr result() const { return {size_, dark_}; }

  private:
    std::size_t index(int x, int y) const { return static_cast<std::size_t>(y * size_ + x); }
    bool get(int x, int y) const { return dark_[index(x, y)]; }
    void fix(int x, int y, bool dark) {
        if (x < 0 || y < 0 || x >= size_ || y >= size_) return;
        dark_[index(x, y)] = dark;
        fixed_[index(x, y)] = true;
    }

    void finder(int cx, int cy) {
        for (int dy = -4; dy <= 4; ++dy) {
            for (int dx = -4; dx <= 4; ++dx) {
                const int ring = std::max(std::abs(dx), std::abs(dy));
                fix(cx + dx, cy + dy, ring != 2 && ring != 4);
            }
        }
    }

    void align() {
        for (const int cy : kMarks[version_ - 1]) {
            for (const int cx : kMarks[version_ - 1]) {
                const bool corner =
                    (cx == 6 && cy == 6) || (cx == 6 && cy == size_ - 7) || (cy == 6 && cx == size_ - 7);
                if (cx == 0 || cy == 0 || corner) continue;
                for (int dy = -2; dy <= 2; ++dy) {
                    for (int dx = -2; dx <= 2; ++dx)
                        fix(cx + dx, cy + dy, std::max(std::abs(dx), std::abs(dy)) != 1);
                }
            }
        }
    }

    // Level M and the mask, twice (7.9).
    void format(int which) {
        const unsigned data = static_cast<unsigned>(which);  // level M is 00
        unsigned rest = data;
        for (int i = 0; i < 10; ++i) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        const unsigned bits = (data << 10 | rest) ^ 0x5412;
        const auto bit = [bits](int i) { return (bits >> i & 1) != 0; };
        for (int i = 0; i <= 5; ++i) fix(8, i, bit(i));
        fix(8, 7, bit(6));
        fix(8, 8, bit(7));
        fix(7, 8, bit(8));
        for (int i = 9; i < 15; ++i) fix(14 - i, 8, bit(i));
        for (int i = 0; i < 8; ++i) fix(size_ - 1 - i, 8, bit(i));
        for (int i = 8; i < 15; ++i) fix(8, size_ - 15 + i, bit(i));
        fix(8, size_ - 8, true);
    }

    // Versions from 7 on name themselves (7.10).
    void number() {
        if (version_ < 7) return;
        unsigned rest = static_cast<unsigned>(version_);
        for (int i = 0; i < 12; ++i) rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        const unsigned bits = static_cast<unsigned>(version_) << 12 | rest;
        for (int i = 0; i < 18; ++i) {
            const bool dark = (bits >> i & 1) != 0;
            fix(size_ - 11 + i % 3, i / 3, dark);
            fix(i / 3, size_ - 11 + i % 3, dark);
        }
    }

    static bool masked(int which, int x, int y) {
        switch (which) {
            case 0:
                return (x + y) % 2 == 0;
            case 1:
                return y % 2 == 0;
            case 2:
                return x % 3 == 0;
            case 3:
                return (x + y) % 3 == 0;
            case 4:
                return (x / 3 + y / 2) % 2 == 0;
            case 5:
                return x * y % 2 + x * y % 3 == 0;
            case 6:
                return (x * y % 2 + x * y % 3) % 2 == 0;
            default:
                return ((x + y) % 2 + x * y % 3) % 2 == 0;
        }
    }

    int line_penalty(int line, bool across) const {
        int sum = 0, run = 0;
        bool before = false;
        unsigned last = 0;  // the last eleven
        for (int i = 0; i < size_; ++i) {
            const bool dark = across ? get(i, line) : get(line, i);
            run = i > 0 && dark == before ? run + 1 : 1;
            if (run == 5) sum += 3;
            if (run > 5) sum += 1;
            before = dark;
            last = (last << 1 | (dark ? 1u : 0u)) & 0x7FF;
            if (i >= 10 && (last == 0x05D || last == 0x5D0)) sum += 40;
        }
        return sum;
    }

    int version_, size_;
    std::vector<bool> dark_, fixed_;
};

}  // namespace

Qr make_qr(std::string_view text) {
    const int version = version_for(text.size());
    const Form& form = kForms[version - 1];
    Bits bits;
    bits.put(4, 4);
    bits.put(static_cast<std::uint32_t>(text.size()), version < 10 ? 8 : 16);
    for (const char c : text) bits.put(static_cast<unsigned char>(c), 8);
    const Words words = interleave(bits.fill(data_words(form)), form);
    Qr best;
    int least = INT32_MAX;
    for (int which = 0; which < 8; ++which) {
        Picture picture(version);
        picture.place(words);
        picture.mask(which);
        const int penalty = picture.penalty();
        if (penalty >= least) continue;
        least = penalty;
        best = picture.result();
    }
    return best;
}

std::string text_of(const Qr& qr) {
    const auto light = [&](int x, int y) {
        return x < 0 || y < 0 || x >= qr.size || y >= qr.size || !qr.at(x, y);
    };
    std::string out;
    for (int y = -2; y < qr.size + 2; y += 2) {
        for (int x = -2; x < qr.size + 2; ++x) {
            const bool above = light(x, y), below = light(x, y + 1);
            out += above && below ? "\u2588" : above ? "\u2580" : below ? "\u2584" : " ";
        }
        out += "\n";
    }
    return out;
}

std::string svg_of(const Qr& qr) {
    const std::string side = std::to_string(qr.size + 8);
    std::string path;
    for (int y = 0; y < qr.size; ++y) {
        for (int x = 0; x < qr.size; ++x) {
            if (qr.at(x, y)) path += "M" + std::to_string(x + 4) + " " + std::to_string(y + 4) + "h1v1h-1z";
        }
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
           "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + side + "v" + side +
           "H0z\"/><path d=\"" + path + "\"/></svg>\n";
}

}  // namespace jatai::fleet
