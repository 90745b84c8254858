// links: jatai_data
// Any bytes as index.csv: a table whose rows write and read back the same, or an Error.
#include "src/base/error.h"
#include "src/data/csv.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    for (const std::string_view text : {"file,label,group\na.wav,yes,ana\nb.wav,\"no, \"\"not\"\"\",bob\r\n",
                                        "\xEF\xBB\xBF"
                                        "file,label\n\n\"a\nb\",\xC3\xA1gua\n"}) {
        seeds.emplace_back(text.begin(), text.end());
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    try {
        const CsvTable table = parse_csv({reinterpret_cast<const char*>(data), size}, "fuzz.csv");
        std::string again = make_csv_row(table.header);
        for (const CsvRow& row : table.rows) again += make_csv_row(row.fields);
        for (const CsvRow& row : table.rows) CHECK(row.fields.size() == table.header.size());
        const std::string& first = table.header.front();
        if (!first.empty() && first[0] != char(0xEF)) CHECK(parse_csv(again, "again").header == table.header);
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
