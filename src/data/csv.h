// csv.h: comma-separated tables with a header row (RFC 4180).
//
//     CsvTable table = parse_csv(read_text(path), path.string());
//     const std::size_t file = table.column("file");          // Error with "did you mean" when there is none
//     for (auto& row : table.rows) row.fields[file];          // row.line for errors
//     out += make_csv_row({"a", "b,c"});
//
// Fails with Error (file:line: found, expected) on a row of another width or an open quote. Blank lines are
// skipped.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jatai {

struct CsvRow {
    std::size_t line;
    std::vector<std::string> fields;
};

struct CsvTable {
    std::string place;
    std::vector<std::string> header;
    std::vector<CsvRow> rows;

    std::optional<std::size_t> find(std::string_view name) const;
    std::size_t column(std::string_view name) const;
};

CsvTable parse_csv(std::string_view content, const std::string& place);

// One line, quoted where needed, with its line end.
std::string make_csv_row(const std::vector<std::string>& fields);

}  // namespace jatai
