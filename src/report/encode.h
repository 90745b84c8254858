// encode.h: bytes and text made fit to stand inside one HTML page.
//
//     page += "<audio src='" + data_uri("audio/wav", wav_bytes(sound)) + "'>";
//     page += "<td>" + escape(label) + "</td>";
//
// Fails with Error: from_base64 on text that is not base64.
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/report/report_data.h"

namespace jatai::page {

// RFC 4648 section 4, padded.
std::string to_base64(ByteView bytes);
Bytes from_base64(std::string_view text);

// "data:TYPE;base64,…" (RFC 2397).
std::string data_uri(std::string_view type, ByteView bytes);

// A RIFF file of 16-bit mono PCM.
Bytes wav_bytes(const Sound& sound);

// Text as HTML content or as a quoted attribute: & < > " ' become entities, control characters disappear.
std::string escape(std::string_view plain);

// The first `letters` letters of UTF-8 text, the last of them "…" when there are more.
std::string shorten(std::string_view utf8, std::size_t letters);

// JSON that can stand inside <script>: every < becomes \u003c, so that no label can end the element.
std::string escape_script_json(std::string_view json);

}  // namespace jatai::page
