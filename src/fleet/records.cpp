#include "src/fleet/records.h"

#include "src/fleet/records_json.h"

namespace jatai::fleet {

template <typename Record>
std::string to_body(const Record& record) {
    return Json(record).dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Record>
Record from_body(const std::string& body) {
    return Json::parse(body).get<Record>();
}

template std::string to_body(const Tenant&);
template Tenant from_body(const std::string&);
template std::string to_body(const Key&);
template Key from_body(const std::string&);
template std::string to_body(const Code&);
template Code from_body(const std::string&);
template std::string to_body(const Group&);
template Group from_body(const std::string&);
template std::string to_body(const Device&);
template Device from_body(const std::string&);
template std::string to_body(const Version&);
template Version from_body(const std::string&);
template std::string to_body(const Variant&);
template Variant from_body(const std::string&);
template std::string to_body(const Alias&);
template Alias from_body(const std::string&);
template std::string to_body(const Rollout&);
template Rollout from_body(const std::string&);
template std::string to_body(const Action&);
template Action from_body(const std::string&);
template std::string to_body(const Job&);
template Job from_body(const std::string&);
template std::string to_body(const Audit&);
template Audit from_body(const std::string&);
template std::string to_body(const Cohort&);
template Cohort from_body(const std::string&);
template std::string to_body(const Window&);
template Window from_body(const std::string&);
template std::string to_body(const Trail&);
template Trail from_body(const std::string&);

template std::string to_body(const Labels&);
template Labels from_body(const std::string&);
template std::string to_body(const Alert&);
template Alert from_body(const std::string&);

}  // namespace jatai::fleet
