#include "src/package/pack.h"

#include <algorithm>
#include <cstring>

#include "device/package.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/package/op_table.h"

namespace jatai {

namespace {

// Lays the parts of a package one behind the other, each at a multiple of 16.
class Writer {
  public:
    Writer() : bytes_(sizeof(PackageHeader), 0) {}

    template <typename Record>
    PackageTable add(const std::vector<Record>& records) {
        const PackageTable table{begin(), static_cast<std::uint32_t>(records.size())};
        append(records.data(), records.size() * sizeof(Record));
        return table;
    }
    std::uint32_t begin() {
        bytes_.resize((bytes_.size() + kPackageAlign - 1) / kPackageAlign * kPackageAlign, 0);
        return static_cast<std::uint32_t>(bytes_.size());
    }
    std::uint32_t append(const void* data, std::size_t count) {
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        const auto* first = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), first, first + count);
        return offset;
    }
    Bytes finish(PackageHeader header) {
        header.total_bytes = begin();
        std::memcpy(bytes_.data(), &header, sizeof header);
        sha256(bytes_.data() + kHashedFrom, bytes_.size() - kHashedFrom, header.sha256);
        std::memcpy(bytes_.data(), &header, sizeof header);
        return std::move(bytes_);
    }

  private:
    Bytes bytes_;
};

PlaceRecord record_of(const Place& place) {
    if (place.kind == Place::Kind::Absent) return {kAbsent, 0};
    return {place.offset | (place.kind == Place::Kind::Constant ? kConstantFlag : 0), place.bytes};
}

// Converters join the names of all they folded: what the format has no room for is cut. Nor may a zero end a
// name early.
std::string short_name(const std::string& s) {
    return s.substr(0, std::min<std::size_t>(s.find('\0'), kMaxNameBytes));
}

Bytes bytes_of(std::string_view s) { return {s.begin(), s.end()}; }

// Labels as the chip reads them: each ends in zero.
Bytes label_bytes(const std::vector<std::string>& labels) {
    Bytes bytes;
    for (const std::string& label : labels) {
        bytes.insert(bytes.end(), label.begin(), label.end());
        bytes.push_back(0);
    }
    return bytes;
}

// In metadata labels stand one on a line; on a single line, commas part them.
Bytes label_bytes(std::string_view lines) {
    Bytes bytes = bytes_of(lines);
    const std::uint8_t mark = lines.find('\n') != std::string_view::npos ? '\n' : ',';
    if (!bytes.empty() && bytes.back() != mark) bytes.push_back(mark);
    std::replace(bytes.begin(), bytes.end(), mark, std::uint8_t{0});
    return bytes;
}

std::vector<Blob> gather_blobs(const Graph& graph, const Plan& plan, const PackOptions& options) {
    std::vector<Blob> blobs = options.blobs;
    const auto missing = [&](std::string_view name) {
        return std::none_of(blobs.begin(), blobs.end(), [&](const Blob& b) { return b.name == name; });
    };
    if (!options.labels.empty()) blobs.push_back({sections::kLabels, label_bytes(options.labels)});
    for (const auto& [name, value] : graph.metadata) {
        const bool known = name == sections::kLabels || name == sections::kFeatures ||
                           name == sections::kKeyword || name == sections::kThresholds ||
                           name == sections::kLineage;
        if (!known || !missing(name)) continue;
        blobs.push_back(
            {name, name == sections::kLabels ? label_bytes(std::string_view(value)) : bytes_of(value)});
    }
    if (options.op_table == OpTable::With && missing(sections::kOps)) {
        blobs.push_back({sections::kOps, bytes_of(write_op_table(plan.costs))});
    }
    return blobs;
}

void refuse_twins(const std::vector<Blob>& blobs) {
    for (std::size_t i = 0; i < blobs.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (blobs[i].name != blobs[k].name) continue;
            throw Error{text("section {}: found twice, expected once", blobs[i].name),
                        text("give every section of a package its own name")};
        }
    }
}

// Builds the header and the tables of one package.
class Packer {
  public:
    Packer(const Graph& graph, const Plan& plan, const PackOptions& options)
        : plan_(plan),
          macs_(options.macs < 0 ? plan.macs : options.macs),
          blobs_(gather_blobs(graph, plan, options)) {
        refuse_twins(blobs_);
    }

    Bytes pack() {
        write_names();
        PackageHeader header{};
        header.magic = kPackageMagic;
        header.version = kPackageVersion;
        header.header_bytes = sizeof header;
        header.arena_bytes = plan_.arena_bytes;
        header.state_bytes = plan_.state_bytes;
        header.family = static_cast<std::uint8_t>(plan_.family);
        std::copy_n(plan_.board.begin(), std::min(plan_.board.size(), sizeof header.board - 1), header.board);
        header.macs = static_cast<std::uint64_t>(macs_);
        header.name = name(plan_.name);
        header.name_bytes = static_cast<std::uint32_t>(short_name(plan_.name).size());
        header.inputs = writer_.add(tensor_records(plan_.inputs));
        header.outputs = writer_.add(tensor_records(plan_.outputs));
        write_steps(header);
        header.blobs = writer_.add(blob_records());
        header.constants = {writer_.begin(), static_cast<std::uint32_t>(plan_.constants.size())};
        writer_.append(plan_.constants.data(), plan_.constants.size());
        if (!plan_.initial_state.empty()) {
            header.initial = {writer_.begin(), static_cast<std::uint32_t>(plan_.initial_state.size())};
            writer_.append(plan_.initial_state.data(), plan_.initial_state.size());
        }
        return writer_.finish(header);
    }

  private:
    // All names first, so that every table can point to them.
    void write_names() {
        add_name(plan_.name);
        for (const PlannedTensor& t : plan_.inputs) add_name(t.name);
        for (const PlannedTensor& t : plan_.outputs) add_name(t.name);
        for (const Blob& blob : blobs_) add_name(blob.name);
    }
    void add_name(const std::string& s) {
        names_.emplace_back(s, writer_.append(short_name(s).c_str(), short_name(s).size() + 1));
    }
    std::uint32_t name(const std::string& s) const {
        return std::find_if(names_.begin(), names_.end(), [&](const auto& n) { return n.first == s; })
            ->second;
    }

    std::vector<TensorRecord> tensor_records(const std::vector<PlannedTensor>& tensors) const {
        std::vector<TensorRecord> records;
        for (const PlannedTensor& tensor : tensors) {
            if (tensor.shape.size() > kMaxRank) {
                throw Error{text("tensor {}: {} axes, expected at most {}", tensor.name, tensor.shape.size(),
                                 kMaxRank),
                            text("reshape the model's inputs and outputs to fewer axes")};
            }
            TensorRecord record{};
            record.place = record_of(tensor.place);
            record.type = static_cast<std::uint8_t>(tensor.type);
            record.rank = static_cast<std::uint8_t>(tensor.shape.size());
            record.name = name(tensor.name);
            record.name_bytes = static_cast<std::uint16_t>(short_name(tensor.name).size());
            std::fill_n(record.shape, kMaxRank, 1);
            std::copy(tensor.shape.begin(), tensor.shape.end(), record.shape);
            record.scale = tensor.scale;
            record.zero_point = tensor.zero_point;
            records.push_back(record);
        }
        return records;
    }

    void write_steps(PackageHeader& header) {
        const std::vector<KernelKey> keys = plan_.kernels();
        std::vector<KernelRecord> kernels;
        for (const KernelKey& key : keys) {
            kernels.push_back(
                {static_cast<std::uint16_t>(key.op), static_cast<std::uint8_t>(key.type), key.version});
        }
        std::vector<StepRecord> steps;
        std::vector<PlaceRecord> places;
        for (const PlannedStep& step : plan_.steps) {
            const auto kernel = std::find(keys.begin(), keys.end(), step.kernel) - keys.begin();
            steps.push_back({static_cast<std::uint16_t>(kernel),
                             static_cast<std::uint16_t>(step.operands.size()),
                             static_cast<std::uint32_t>(places.size()), step.params, step.params_bytes});
            for (const Place& place : step.operands) places.push_back(record_of(place));
        }
        header.steps = writer_.add(steps);
        header.operands = writer_.add(places);
        header.kernels = writer_.add(kernels);
    }

    std::vector<BlobRecord> blob_records() {
        std::vector<BlobRecord> records;
        for (const Blob& blob : blobs_) {
            const std::uint32_t offset = writer_.begin();
            writer_.append(blob.bytes.data(), blob.bytes.size());
            records.push_back({name(blob.name), static_cast<std::uint32_t>(short_name(blob.name).size()),
                               offset, static_cast<std::uint32_t>(blob.bytes.size())});
        }
        return records;
    }

    const Plan& plan_;
    const std::int64_t macs_;
    const std::vector<Blob> blobs_;
    Writer writer_;
    std::vector<std::pair<std::string, std::uint32_t>> names_;
};

}  // namespace

Bytes pack(const Graph& graph, const Plan& plan, const PackOptions& options) {
    return Packer(graph, plan, options).pack();
}

}  // namespace jatai
