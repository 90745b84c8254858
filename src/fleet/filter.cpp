#include "src/fleet/filter.h"

#include <algorithm>
#include <cctype>

#include "src/fleet/http.h"

namespace jatai::fleet {

struct FilterNode {
    enum class What { All, And, Or, Not, Compare } what = What::All;
    std::shared_ptr<const FilterNode> left, right;
    std::string field, op;
    std::vector<std::string> values;
};

namespace {

using What = FilterNode::What;
using NodePtr = std::shared_ptr<const FilterNode>;
constexpr int kDeepest = 32;

std::vector<std::string> values_of(const Device& d, const std::string& field) {
    if (field == "id") return {d.id};
    if (field == "board") return {d.board};
    if (field == "core") return {d.core};
    if (field == "firmware") return {d.firmware};
    if (field == "state") return {d.state};
    if (field == "version") return {d.reported};
    if (field == "group") return d.groups.empty() ? std::vector<std::string>{""} : d.groups;
    const auto found = d.attributes.find(field.substr(10));  // attribute.
    return {found == d.attributes.end() ? std::string() : found->second};
}

bool is_field(const std::string& word) {
    static const std::vector<std::string> known = {"id",    "board",   "core", "firmware",
                                                   "state", "version", "group"};
    return std::find(known.begin(), known.end(), word) != known.end() ||
           (word.rfind("attribute.", 0) == 0 && word.size() > 10);
}

// Linear in both lengths: remembers only the last star.
bool is_like(const std::string& word, const std::string& pattern) {
    std::size_t w = 0, p = 0, star = std::string::npos, mark = 0;
    while (w < word.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = w;
        } else if (p < pattern.size() && pattern[p] == word[w]) {
            ++p;
            ++w;
        } else if (star != std::string::npos) {
            p = star + 1;
            w = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool holds(const std::string& value, const std::string& op, const std::string& wanted) {
    if (op == "==" || op == "in") return value == wanted;
    if (op == "like") return is_like(value, wanted);
    const int order = compare_versions(value, wanted);
    if (op == "<") return order < 0;
    if (op == "<=") return order <= 0;
    if (op == ">") return order > 0;
    return order >= 0;
}

bool compare(const FilterNode& node, const Device& device) {
    const bool negated = node.op == "!=";
    const std::string op = negated ? "==" : node.op;
    for (const std::string& value : values_of(device, node.field)) {
        for (const std::string& wanted : node.values) {
            if (holds(value, op, wanted)) return !negated;
        }
    }
    return negated;
}

bool matches_node(const FilterNode& node, const Device& device) {
    switch (node.what) {
        case What::All:
            return true;
        case What::And:
            return matches_node(*node.left, device) && matches_node(*node.right, device);
        case What::Or:
            return matches_node(*node.left, device) || matches_node(*node.right, device);
        case What::Not:
            return !matches_node(*node.left, device);
        case What::Compare:
            return compare(node, device);
    }
    return false;
}

class Parser {
  public:
    explicit Parser(const std::string& text) : text_(text) { next(); }

    NodePtr all() {
        if (word_.empty() && !quoted_) return std::make_shared<FilterNode>();
        NodePtr root = any(0);
        if (!word_.empty() || quoted_) fail("the end, and, or");
        return root;
    }

  private:
    [[noreturn]] void fail(const std::string& expected) const {
        throw Refusal{400, "filter, letter " + std::to_string(start_ + 1) + ": expected " + expected,
                      "for example: board == nano33ble and firmware >= 1.4"};
    }

    static bool is_letter(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
               c == '*' || c == '/' || c == ':' || static_cast<unsigned char>(c) >= 128;
    }

    void next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        start_ = at_;
        word_.clear();
        quoted_ = false;
        if (at_ >= text_.size()) return;
        if (text_[at_] == '"') return quote();
        if (is_letter(text_[at_])) {
            while (at_ < text_.size() && is_letter(text_[at_])) word_ += text_[at_++];
            return;
        }
        word_ = text_[at_++];
        if (at_ < text_.size() && text_[at_] == '=' && word_ != "(" && word_ != ")") word_ += text_[at_++];
    }

    void quote() {
        quoted_ = true;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) word_ += text_[at_];
        if (at_ >= text_.size()) fail("a closing \"");
        ++at_;
    }

    bool accept(const char* word) {
        if (quoted_ || word_ != word) return false;
        next();
        return true;
    }

    static NodePtr join(What what, NodePtr left, NodePtr right = nullptr) {
        auto node = std::make_shared<FilterNode>();
        node->what = what;
        node->left = std::move(left);
        node->right = std::move(right);
        return node;
    }

    NodePtr any(int depth) {
        NodePtr left = both(depth);
        int joined = 0;
        while (accept("or")) {
            if (++joined > kDeepest) fail("fewer words");
            left = join(What::Or, left, both(depth));
        }
        return left;
    }

    NodePtr both(int depth) {
        NodePtr left = one(depth);
        int joined = 0;
        while (accept("and")) {
            if (++joined > kDeepest) fail("fewer words");
            left = join(What::And, left, one(depth));
        }
        return left;
    }

    NodePtr one(int depth) {
        if (depth > kDeepest) fail("fewer brackets");
        if (accept("not")) return join(What::Not, one(depth + 1));
        if (!accept("(")) return comparison();
        NodePtr inner = any(depth + 1);
        if (!accept(")")) fail(")");
        return inner;
    }

    NodePtr comparison() {
        auto node = std::make_shared<FilterNode>();
        node->what = What::Compare;
        if (quoted_ || !is_field(word_))
            fail("id, board, core, firmware, state, group, version or attribute.NAME");
        node->field = word_;
        next();
        static const std::vector<std::string> ops = {"==", "!=", "<", "<=", ">", ">=", "in", "like"};
        if (std::find(ops.begin(), ops.end(), word_) == ops.end()) fail("== != < <= > >= in or like");
        node->op = word_;
        next();
        if (node->op == "in") {
            list(*node);
        } else {
            node->values = {value()};
        }
        return node;
    }

    void list(FilterNode& node) {
        if (!accept("(")) fail("(");
        do {
            node.values.push_back(value());
        } while (accept(","));
        if (!accept(")")) fail(")");
    }

    std::string value() {
        if (!quoted_ && (word_.empty() || !is_letter(word_[0]))) fail("a value");
        std::string out = word_;
        next();
        return out;
    }

    const std::string& text_;
    std::size_t at_ = 0, start_ = 0;
    std::string word_;
    bool quoted_ = false;
};

}  // namespace

bool Filter::matches(const Device& device) const { return matches_node(*root_, device); }

Filter parse_filter(const std::string& text) { return Filter(Parser(text).all()); }

int compare_versions(const std::string& a, const std::string& b) {
    std::size_t i = 0, j = 0;
    const auto digit = [](const std::string& s, std::size_t at) {
        return at < s.size() && std::isdigit(static_cast<unsigned char>(s[at])) != 0;
    };
    while (i < a.size() && j < b.size()) {
        if (digit(a, i) && digit(b, j)) {
            std::string x, y;
            for (; digit(a, i); ++i) x += a[i];
            for (; digit(b, j); ++j) y += b[j];
            x.erase(0, std::min(x.find_first_not_of('0'), x.size()));
            y.erase(0, std::min(y.find_first_not_of('0'), y.size()));
            if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
            if (x != y) return x < y ? -1 : 1;
        } else {
            if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
            ++i;
            ++j;
        }
    }
    return (i < a.size() ? 1 : 0) - (j < b.size() ? 1 : 0);
}

}  // namespace jatai::fleet
