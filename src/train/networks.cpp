#include "src/train/networks.h"

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai::train {
namespace {

// Appends layers one behind the other.
class Chain {
  public:
    Chain(std::string name, Shape input) {
        spec_.name = std::move(name);
        spec_.input = input;
    }

    Chain& add(LayerSpec layer) {
        layer.inputs = {static_cast<int>(spec_.layers.size()) - 1};
        spec_.layers.push_back(std::move(layer));
        return *this;
    }
    Chain& conv(std::string name, int filters, int kernel_h, int kernel_w, int stride_h, int stride_w) {
        return add({.kind = LayerKind::Conv2d,
                    .name = std::move(name),
                    .filters = filters,
                    .kernel_h = kernel_h,
                    .kernel_w = kernel_w,
                    .stride_h = stride_h,
                    .stride_w = stride_w});
    }
    Chain& depthwise(std::string name, int stride) {
        return add({.kind = LayerKind::DepthwiseConv2d,
                    .name = std::move(name),
                    .kernel_h = 3,
                    .kernel_w = 3,
                    .stride_h = stride,
                    .stride_w = stride});
    }
    Chain& norm(std::string name) {
        return add({.kind = LayerKind::BatchNorm, .name = std::move(name), .activation = Activation::Relu});
    }
    Chain& max_pool(std::string name) {
        return add({.kind = LayerKind::MaxPool,
                    .name = std::move(name),
                    .kernel_h = 2,
                    .kernel_w = 2,
                    .stride_h = 2,
                    .stride_w = 2,
                    .padding = Padding::Same});
    }
    Chain& average_all(std::string name) {
        return add({.kind = LayerKind::AveragePool,
                    .name = std::move(name),
                    .kernel_h = 0,
                    .kernel_w = 0,
                    .padding = Padding::Valid});
    }
    Chain& flatten() { return add({.kind = LayerKind::Flatten, .name = "flatten"}); }
    Chain& dropout(float rate) {
        if (rate > 0.0f) add({.kind = LayerKind::Dropout, .name = "dropout", .rate = rate});
        return *this;
    }
    Chain& dense(const std::string& name, int outputs, Activation activation = Activation::None) {
        add({.kind = LayerKind::Dense, .name = name, .filters = outputs});
        return add({.kind = LayerKind::Bias, .name = name + "_bias", .activation = activation});
    }
    NetworkSpec done() {
        spec_.shapes();
        return std::move(spec_);
    }

  private:
    NetworkSpec spec_;
};

}  // namespace

DsCnnSize DsCnnSize::small() {
    DsCnnSize size;
    size.filters = 48;
    size.blocks = 4;
    return size;
}

DsCnnSize DsCnnSize::medium() {
    DsCnnSize size;
    size.filters = 96;
    size.blocks = 5;
    return size;
}

NetworkSpec ds_cnn(Shape input, int classes, const DsCnnSize& size) {
    Chain chain("ds_cnn", input);
    chain.conv("conv", size.filters, size.kernel_h, size.kernel_w, size.stride_h, size.stride_w)
        .norm("conv_norm");
    for (int i = 1; i <= size.blocks; ++i) {
        const std::string n = std::to_string(i);
        chain.depthwise("depthwise_" + n, i == 1 ? size.block_stride : 1).norm("depthwise_norm_" + n);
        chain.conv("pointwise_" + n, size.filters, 1, 1, 1, 1).norm("pointwise_norm_" + n);
    }
    return chain.average_all("average").flatten().dropout(size.dropout).dense("logits", classes).done();
}

NetworkSpec tiny_conv(Shape input, int classes) {
    return Chain("tiny_conv", input)
        .conv("conv", 8, 10, 8, 2, 2)
        .norm("conv_norm")
        .flatten()
        .dropout(0.5f)
        .dense("logits", classes)
        .done();
}

NetworkSpec small_conv(Shape input, int classes, int filters) {
    return Chain("small_conv", input)
        .conv("conv_1", filters, 3, 3, 1, 1)
        .norm("norm_1")
        .max_pool("pool_1")
        .conv("conv_2", 2 * filters, 3, 3, 1, 1)
        .norm("norm_2")
        .max_pool("pool_2")
        .flatten()
        .dropout(0.3f)
        .dense("logits", classes)
        .done();
}

NetworkSpec mlp(Shape input, int classes, const std::vector<int>& hidden) {
    Chain chain("mlp", input);
    chain.flatten();
    for (std::size_t i = 0; i < hidden.size(); ++i)
        chain.dense("dense_" + std::to_string(i + 1), hidden[i], Activation::Relu);
    return chain.dense("logits", classes).done();
}

std::vector<std::string> network_names() {
    return {"ds_cnn", "ds_cnn_s", "ds_cnn_m", "tiny_conv", "small_conv", "mlp"};
}

NetworkSpec make_network(const std::string& name, Shape input, int classes) {
    if (name == "ds_cnn") return ds_cnn(input, classes);
    if (name == "ds_cnn_s") return ds_cnn(input, classes, DsCnnSize::small());
    if (name == "ds_cnn_m") return ds_cnn(input, classes, DsCnnSize::medium());
    if (name == "tiny_conv") return tiny_conv(input, classes);
    if (name == "small_conv") return small_conv(input, classes);
    if (name == "mlp") return mlp(input, classes);
    throw Error{text("unknown network {}", name), did_you_mean(name, network_names())};
}

}  // namespace jatai::train
