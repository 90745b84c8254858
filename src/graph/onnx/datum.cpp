#include "src/graph/onnx/datum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "src/base/error.h"
#include "src/graph/tflite_names.h"
#include "src/graph/verify.h"

namespace jatai::onnx {
namespace {

float from_half(std::uint16_t half) {
    const int exponent = half >> 10 & 0x1F;
    const int fraction = half & 0x3FF;
    const float sign = half >> 15 ? -1.0f : 1.0f;
    if (exponent == 31) {
        return fraction ? std::numeric_limits<float>::quiet_NaN()
                        : sign * std::numeric_limits<float>::infinity();
    }
    return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                 : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25));
}

template <typename T>
T load(const Bytes& data, std::size_t i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
    return value;
}

template <typename T>
void store(Bytes& data, std::size_t i, T value) {
    std::memcpy(data.data() + i * sizeof(T), &value, sizeof(T));
}

template <typename Convert>
Bytes to_floats(std::size_t count, const Convert& convert) {
    Bytes bytes(count * sizeof(float));
    for (std::size_t i = 0; i < count; ++i) store(bytes, i, static_cast<float>(convert(i)));
    return bytes;
}

// The low half of a byte comes first.
Bytes widen_nibbles(const Bytes& data, std::size_t count, bool is_signed) {
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        const int nibble = data[i / 2] >> (i % 2 * 4) & 15;
        bytes[i] = static_cast<std::uint8_t>(is_signed && nibble > 7 ? nibble - 16 : nibble);
    }
    return bytes;
}

Bytes held_data(const RawTensor& tensor, std::size_t count) {
    switch (tensor.type) {
        case DataType::Float16:
            return to_floats(count,
                             [&](std::size_t i) { return from_half(load<std::uint16_t>(tensor.data, i)); });
        case DataType::BFloat16:
            return to_floats(count, [&](std::size_t i) {
                return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(tensor.data, i)} << 16);
            });
        case DataType::Double:
            return to_floats(count, [&](std::size_t i) { return load<double>(tensor.data, i); });
        case DataType::Int4:
        case DataType::UInt4:
            return widen_nibbles(tensor.data, count, tensor.type == DataType::Int4);
        default:
            return tensor.data;
    }
}

double clamp_to(double value, double low, double high) {
    return std::isnan(value) ? 0 : std::clamp(value, low, high);
}

}  // namespace

Type type_of(DataType type) {
    switch (type) {
        case DataType::Float:
        case DataType::Float16:
        case DataType::BFloat16:
        case DataType::Double:
            return Type::Float32;
        case DataType::UInt8:
        case DataType::UInt4:
            return Type::UInt8;
        case DataType::Int8:
        case DataType::Int4:
            return Type::Int8;
        case DataType::Int16:
            return Type::Int16;
        case DataType::UInt16:
            return Type::UInt16;
        case DataType::Int32:
            return Type::Int32;
        case DataType::Int64:
            return Type::Int64;
        case DataType::UInt32:
            return Type::UInt32;
        case DataType::UInt64:
            return Type::UInt64;
        case DataType::Bool:
            return Type::Bool;
        default:
            return Type::None;
    }
}

std::int64_t elements_of(const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t Datum::elements() const { return elements_of(shape); }

Shape check_shape(const std::vector<std::int64_t>& extents, Type type, const std::string& place) {
    if (extents.size() > kMaxRank) {
        throw Error{text("{}: found {} dimensions, expected at most {}", place, extents.size(), kMaxRank)};
    }
    Shape shape;
    std::int64_t bytes = std::max<std::int64_t>(size_of(type), 1);
    for (const std::int64_t extent : extents) {
        if (extent < 0) {
            throw Error{text("{}: found an extent of {}, expected 1 or more", place, extent),
                        text("export the model with a fixed input shape and a batch of 1")};
        }
        if (extent > 0 && bytes > kMaxTensorBytes / extent) {
            throw Error{text("{}: found a tensor above 2 GB, expected less", place)};
        }
        if (extent > 0) bytes *= extent;
        shape.push_back(static_cast<std::int32_t>(extent));
    }
    return shape;
}

Datum constant_from(const RawTensor& tensor, const std::string& place) {
    Datum datum;
    datum.type = type_of(tensor.type);
    if (tensor.external) {
        throw Error{text("{}: found constants in another file, expected them in the model", place),
                    text("save the model as one file: onnx.save(model, path, save_as_external_data=False)")};
    }
    if (datum.type == Type::None) {
        throw Error{
            text("{}: found constants of {}, expected float, int8, uint8, int16, int32, int64 or bool", place,
                 data_type_name(static_cast<std::int32_t>(tensor.type))),
            text("convert the model to float32")};
    }
    datum.shape = check_shape(tensor.extents, Type::Int64, place);
    datum.constant = true;
    const auto count = static_cast<std::size_t>(datum.elements());
    const std::size_t bytes = (count * static_cast<std::size_t>(bits_of(tensor.type)) + 7) / 8;
    if (tensor.data.size() != bytes) {
        throw Error{
            text("{}: found {} bytes of constant data, expected {}", place, tensor.data.size(), bytes),
            text("the file is damaged, or was written by a faulty converter")};
    }
    datum.data = held_data(tensor, count);
    return datum;
}

Datum constant_of(const std::vector<std::int64_t>& values, Shape shape, Type type) {
    Datum datum;
    datum.type = type;
    datum.shape = std::move(shape);
    datum.constant = true;
    datum.data.resize(values.size() * size_of(type));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (type == Type::Float32) {
            store(datum.data, i, static_cast<float>(values[i]));
        } else if (type == Type::Bool) {
            datum.data[i] = values[i] != 0;
        } else {
            std::memcpy(datum.data.data() + i * size_of(type), &values[i], size_of(type));
        }
    }
    return datum;
}

Datum constant_of(const std::vector<double>& values, Shape shape, Type type) {
    if (type != Type::Float32) {
        std::vector<std::int64_t> whole;
        for (const double value : values)
            whole.push_back(type == Type::Bool ? value != 0
                                               : static_cast<std::int64_t>(clamp_to(value, -9.2e18, 9.2e18)));
        return constant_of(whole, std::move(shape), type);
    }
    Datum datum;
    datum.type = type;
    datum.shape = std::move(shape);
    datum.constant = true;
    datum.data = to_floats(values.size(), [&](std::size_t i) { return values[i]; });
    return datum;
}

std::vector<std::int64_t> integers(const Datum& constant) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(constant.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        switch (constant.type) {
            case Type::Int8:
                values[i] = load<std::int8_t>(constant.data, i);
                break;
            case Type::UInt8:
            case Type::Bool:
                values[i] = constant.data[i];
                break;
            case Type::Int16:
                values[i] = load<std::int16_t>(constant.data, i);
                break;
            case Type::UInt16:
                values[i] = load<std::uint16_t>(constant.data, i);
                break;
            case Type::Int32:
                values[i] = load<std::int32_t>(constant.data, i);
                break;
            case Type::UInt32:
                values[i] = load<std::uint32_t>(constant.data, i);
                break;
            case Type::Int64:
            case Type::UInt64:  // above 2^63: no shape and no index we could hold
                values[i] = load<std::int64_t>(constant.data, i);
                break;
            default:
                values[i] =
                    static_cast<std::int64_t>(clamp_to(load<float>(constant.data, i), -9.2e18, 9.2e18));
        }
    }
    return values;
}

std::vector<double> reals(const Datum& constant) {
    std::vector<double> values;
    if (constant.type == Type::Float32) {
        values.resize(static_cast<std::size_t>(constant.elements()));
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = load<float>(constant.data, i);
        return values;
    }
    for (const std::int64_t value : integers(constant)) values.push_back(static_cast<double>(value));
    return values;
}

Shape transpose(const Shape& shape, const std::vector<int>& order) {
    Shape to;
    for (const int axis : order) to.push_back(shape[static_cast<std::size_t>(axis)]);
    return to;
}

Bytes transpose(const Bytes& data, const Shape& shape, const std::vector<int>& order, std::size_t width) {
    const std::size_t rank = shape.size();
    std::vector<std::size_t> step(rank, width);
    for (std::size_t i = rank; i-- > 1;)
        step[i - 1] = step[i] * static_cast<std::size_t>(std::max(shape[i], 1));
    const Shape to = transpose(shape, order);
    Bytes result(data.size());
    std::vector<std::int32_t> index(rank, 0);
    std::size_t from = 0;
    for (std::size_t at = 0; at < result.size(); at += width) {
        std::memcpy(result.data() + at, data.data() + from, width);
        for (std::size_t k = rank; k-- > 0;) {
            const std::size_t move = step[static_cast<std::size_t>(order[k])];
            from += move;
            if (++index[k] < to[k]) break;
            from -= move * static_cast<std::size_t>(to[k]);
            index[k] = 0;
        }
    }
    return result;
}

Datum transpose(const Datum& constant, const std::vector<int>& order) {
    Datum to;
    to.type = constant.type;
    to.constant = true;
    to.shape = transpose(constant.shape, order);
    to.data = transpose(constant.data, constant.shape, order, size_of(constant.type));
    if (constant.stored) {
        StoredIntegers stored = *constant.stored;
        stored.data = transpose(stored.data, constant.shape, order, size_of(stored.type));
        const auto axis = std::find(order.begin(), order.end(), stored.quantisation.axis);
        stored.quantisation.axis = axis == order.end() ? 0 : static_cast<int>(axis - order.begin());
        to.stored = std::make_shared<const StoredIntegers>(std::move(stored));
    }
    return to;
}

std::vector<int> channels_last(std::size_t rank) {
    std::vector<int> order{0};
    for (std::size_t i = 2; i < rank; ++i) order.push_back(static_cast<int>(i));
    order.push_back(1);
    return order;
}

std::vector<int> channels_second(std::size_t rank) {
    std::vector<int> order{0, static_cast<int>(rank) - 1};
    for (std::size_t i = 1; i + 1 < rank; ++i) order.push_back(static_cast<int>(i));
    return order;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
    const std::size_t rank = std::max(a.size(), b.size());
    Shape shape(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int32_t of_a = i + a.size() < rank ? 1 : a[i + a.size() - rank];
        const std::int32_t of_b = i + b.size() < rank ? 1 : b[i + b.size() - rank];
        if (of_a != of_b && of_a != 1 && of_b != 1) return std::nullopt;
        shape[i] = of_a == 1 ? of_b : of_a;
    }
    return shape;
}

}  // namespace jatai::onnx
