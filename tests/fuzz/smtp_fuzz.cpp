// links: jatai_fleet
// Any bytes as what a mail server answers, in pieces of any size: an answer, or an Error; and what is shown
// of it is one line. The first byte chooses the size of the pieces.
#include "src/base/error.h"
#include "src/fleet/smtp_reply.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

// As the product reads: until the answer is whole, or nothing more comes.
bool read_all(fleet::MailReply& reply, std::string_view bytes, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (reply.take(bytes.substr(at, piece))) return true;
    }
    return false;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    for (const std::string text :
         {"\x01"
          "220 mail.example ESMTP\r\n",
          "\x40"
          "250-mail.example\r\n250-SIZE 1000\r\n250-auth PLAIN LOGIN\r\n250 STARTTLS\r\n",
          "\x05"
          "535 5.7.8 no\r\n",
          "\x10"
          "334\r\n",
          "\x02"
          "250-a\r\n251 b\r\n",
          "\x03"
          "354 go on\n250 pipelined\n"}) {
        seeds.emplace_back(text.begin(), text.end());
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    fleet::MailReply reply, whole;
    bool done = false;
    try {
        done = read_all(reply, bytes, 1 + data[0] % 64);
    } catch (const Error&) {
        return 0;
    }
    CHECK(reply.code() >= 0 && reply.code() <= 999);
    CHECK(reply.line().size() <= 204 && reply.line().find_first_of("\r\n") == std::string::npos);
    if (!done) return 0;
    CHECK(read_all(whole, bytes, bytes.size()));  // its pieces do not matter
    CHECK(whole.code() == reply.code() && whole.line() == reply.line());
    CHECK(whole.offers("STARTTLS") == reply.offers("STARTTLS"));
    CHECK(!reply.offers("AUTH", "PLAIN") || reply.offers("AUTH"));
    return 0;
}
