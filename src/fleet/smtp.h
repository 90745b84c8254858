// smtp.h: one letter to a mail server (RFC 5321), with STARTTLS where it is offered.
//
//     send_mail({.url = "smtp://jatai@mail.example:587", .password = word, .from = "fleet@example.org"},
//               {.to = {"ana@example.org"}, .subject = "3 devices are silent", .text = "…"});
//
// smtp:// takes STARTTLS when the server offers it, smtps:// is TLS from the first byte. A password goes out
// over TLS only, or to this computer; by AUTH PLAIN, or by LOGIN where that is all that is offered.
// Fails with  Error in the server's own words: who was refused, at which step.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::fleet {

struct MailServer {
    std::string url;  // empty: no mail is sent
    std::string password, from, ca;
};

struct Mail {
    std::vector<std::string> to;
    std::string subject, text;
};

void send_mail(const MailServer& server, const Mail& mail);

// The letter as it goes out, headers and all. Its text travels in base64: no line of it can end the letter.
std::string letter_of(const MailServer& server, const Mail& mail, const std::string& date,
                      const std::string& id);

// "a@b": no spaces, no signs that a mail server could take for a command.
bool is_address(const std::string& word);

}  // namespace jatai::fleet
