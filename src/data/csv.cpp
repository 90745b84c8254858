#include "src/data/csv.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

class Reader {
  public:
    Reader(std::string_view content, const std::string& place) : rest_(content), place_(place) {
        if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);  // byte order mark of spreadsheets
    }

    bool next(CsvRow& row) {
        while (!rest_.empty() && (rest_[0] == '\n' || rest_[0] == '\r')) take_line_end();
        if (rest_.empty()) return false;
        row = {line_, {}};
        for (;;) {
            row.fields.push_back(read_field());
            if (rest_.empty()) return true;
            if (rest_[0] == ',') {
                rest_.remove_prefix(1);
                continue;
            }
            take_line_end();
            return true;
        }
    }

  private:
    void take_line_end() {
        const bool pair = rest_.substr(0, 2) == "\r\n";
        rest_.remove_prefix(pair ? 2 : 1);
        ++line_;
    }

    std::string read_field() {
        if (!rest_.empty() && rest_[0] == '"') return read_quoted();
        const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
        std::string field(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return field;
    }

    std::string read_quoted() {
        const std::size_t opened = line_;
        std::string field;
        rest_.remove_prefix(1);
        for (;;) {
            const std::size_t end = rest_.find('"');
            if (end == std::string_view::npos) {
                throw Error{text("{}:{}: a quote is opened and never closed", place_, opened),
                            text("close the field with \" or remove the quote")};
            }
            line_ += static_cast<std::size_t>(
                std::count(rest_.begin(), rest_.begin() + static_cast<long>(end), '\n'));
            field += rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            if (rest_.empty() || rest_[0] != '"') break;
            field += '"';
            rest_.remove_prefix(1);
        }
        if (!rest_.empty() && rest_[0] != ',' && rest_[0] != '\n' && rest_[0] != '\r') {
            throw Error{text("{}:{}: text after a closing quote, expected a comma", place_, line_),
                        text("write a quote inside a field as \"\"")};
        }
        return field;
    }

    std::string_view rest_;
    const std::string& place_;
    std::size_t line_ = 1;
};

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view name) const {
    const auto at = std::find(header.begin(), header.end(), name);
    if (at == header.end()) return std::nullopt;
    return static_cast<std::size_t>(at - header.begin());
}

std::size_t CsvTable::column(std::string_view name) const {
    const auto at = find(name);
    if (at) return *at;
    throw Error{text("{}: no column {}", place, name), did_you_mean(name, header)};
}

CsvTable parse_csv(std::string_view content, const std::string& place) {
    Reader reader(content, place);
    CsvTable table{place, {}, {}};
    CsvRow row;
    if (!reader.next(row)) {
        throw Error{text("{}: empty, expected a header row", place), text("first line: file,label,group")};
    }
    table.header = std::move(row.fields);
    while (reader.next(row)) {
        if (row.fields.size() != table.header.size()) {
            throw Error{
                text("{}:{}: {} columns, expected {}", place, row.line, row.fields.size(),
                     table.header.size()),
                text("every row needs the columns of the first line; put fields with commas in quotes")};
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string make_csv_row(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields) {
        if (!line.empty() || &field != &fields.front()) line += ',';
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            line += field;
            continue;
        }
        line += '"';
        for (char c : field) {
            line += c;
            if (c == '"') line += '"';
        }
        line += '"';
    }
    return line + "\n";
}

}  // namespace jatai
