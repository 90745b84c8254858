#include "src/simulate/machine.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/simulate/core/core.h"
#include "src/simulate/device_bus.h"
#include "src/simulate/flash_image.h"
#include "src/simulate/semihosting.h"
#include "src/simulate/stop_words.h"

namespace jatai::simulate {

class Machine::Impl final : public Host, public CoreBus, public SemihostingMemory {
  public:
    Impl(Board board, MachineOptions options)
        : board_(std::move(board)),
          trace_(options.trace),
          core_(board_, *this),
          meter_(board_),
          semihosting_({std::move(options.folder), std::move(options.command_line),
                        std::move(options.console_input)}) {
        // The other cores' code runs as on a Cortex-M4F, and is timed as on one.
        if (board_.core != "cortex-m4f" && board_.core != "cortex-m7" && board_.core != "cortex-m0plus")
            throw Error{text("board {}: core {}, but the simulator runs cortex-m4f", board_.id, board_.core),
                        text("choose another board")};
    }

    void load(std::shared_ptr<FlashImage> image);
    Stop advance_to(Cycle limit);
    RunResult result() const;

    // Host
    Cycle now() const override { return core_.cpu.now.cycles; }
    std::uint32_t clock_hz() const override { return static_cast<std::uint32_t>(board_.clock_hz.value); }
    void raise_interrupt(unsigned number) override { set_interrupt(number, true); }
    void lower_interrupt(unsigned number) override { set_interrupt(number, false); }
    bool read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const override {
        return core_.read_memory(address, bytes.data(), bytes.size());
    }
    bool write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
        return core_.write_ram(address, bytes.data(), bytes.size());
    }
    bool program_flash(std::uint32_t address, std::span<const std::uint8_t> bytes) override;
    void enable_flash_cache(bool on) override {
        core_.fetch_timing.enable_cache(on);
        core_.data_timing.enable_cache(on);
    }
    void stall(Cycle cycles) override { core_.cpu.now.cycles += cycles; }
    void draw(std::string_view cause, double microamps) override { meter_.draw(cause, microamps, now()); }
    void spend(std::string_view cause, double microjoules) override { meter_.spend(cause, microjoules); }
    void trace(std::string_view device, std::string_view signal, std::int64_t value) override {
        if (trace_ != nullptr) trace_->record(now(), device, signal, value);
    }
    void stop(std::string_view reason) override {
        device_reason_ = reason;
        core_.attend();
    }
    void reset_board() override {
        core_.control.reset_requested = true;
        core_.attend();
    }

    // CoreBus
    Outcome load_device(std::uint32_t address, unsigned bytes, std::uint32_t& value) override;
    Outcome store_device(std::uint32_t address, unsigned bytes, std::uint32_t value) override;
    Outcome store_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) override;

    // SemihostingMemory
    bool read(std::uint32_t address, std::span<std::uint8_t> bytes) const override {
        return read_memory(address, bytes);
    }
    bool write(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
        return write_memory(address, bytes);
    }
    double elapsed_seconds() const override { return static_cast<double>(now()) / board_.clock_hz.value; }

    Board board_;
    std::shared_ptr<FlashImage> image_;
    DeviceBus devices_;

  private:
    void set_interrupt(unsigned number, bool raised);
    Outcome after_access();
    void power_up();
    void reset_chip();
    std::optional<Stop> serve(CoreEvent event, Cycle limit);
    std::optional<Stop> sleep(Cycle limit);
    std::optional<Stop> spin(Cycle limit);
    std::optional<Stop> breakpoint();
    Stop stop_with(Stop stop, std::string reason);
    Cycle next_event() const;
    void fill_profile(RunResult& result) const;

    TraceSink* trace_;
    Core core_;
    EnergyMeter meter_;
    Semihosting semihosting_;
    std::vector<std::shared_ptr<FlashImage>> retired_;  // code the interpreter may still stand in
    Cycle sleep_cycles_ = 0;
    bool asleep_ = false;
    Cycle device_event_ = kNever;
    std::uint32_t resets_ = 0;
    std::uint32_t stack_bytes_ = 0;
    std::string device_reason_;
    std::optional<Stop> stopped_;
    std::string reason_;
    int exit_code_ = 0;
};

// ---- start -----------------------------------------------------------------------------------------------

void Machine::Impl::load(std::shared_ptr<FlashImage> image) {
    CHECK(image != nullptr && image->code->base() == board_.flash.base &&
          image->code->bytes() == board_.flash.bytes);
    image_ = std::move(image);
    retired_.clear();
    core_.use_flash(image_->bytes.data(), image_->code.get());
    core_.use_symbols(&image_->firmware.symbols);
    core_.power_up();
    for (const Segment& segment : image_->firmware.segments)
        core_.write_ram(segment.load_address, segment.bytes.data(), segment.bytes.size());
    meter_.reset();
    semihosting_.reset();
    sleep_cycles_ = 0;
    resets_ = stack_bytes_ = 0;
    power_up();
}

void Machine::Impl::power_up() {
    stopped_.reset();
    reason_.clear();
    device_reason_.clear();
    exit_code_ = 0;
    asleep_ = false;
    core_.reset(image_->vector_table);
    devices_.reset();
    device_event_ = devices_.next_event();
}

void Machine::Impl::reset_chip() {
    stack_bytes_ = std::max(stack_bytes_, core_.initial_stack() - core_.cpu.stack_low);
    ++resets_;
    power_up();
}

// ---- devices ---------------------------------------------------------------------------------------------

void Machine::Impl::set_interrupt(unsigned number, bool raised) {
    CHECK(number + kFirstInterrupt < kExceptions);
    core_.control.nvic.set_line(kFirstInterrupt + number, raised);
    if (raised && core_.control.nvic.preempts()) core_.cpu.now.deadline = 0;
}

// Devices may have moved their next event, closer or further.
Outcome Machine::Impl::after_access() {
    const Cycle next = devices_.next_event();
    if (next < device_event_) core_.attend();
    device_event_ = next;
    return core_.outcome_now();
}

Outcome Machine::Impl::load_device(std::uint32_t address, unsigned bytes, std::uint32_t& value) {
    std::uint32_t offset = 0;
    Device* device = devices_.find(address, offset);
    if (device == nullptr || address % bytes != 0) return Outcome::Fault;
    value = device->read(offset, bytes);
    return after_access();
}

Outcome Machine::Impl::store_device(std::uint32_t address, unsigned bytes, std::uint32_t value) {
    std::uint32_t offset = 0;
    Device* device = devices_.find(address, offset);
    if (device == nullptr || address % bytes != 0) return Outcome::Fault;
    device->write(offset, bytes, value);
    return after_access();
}

Outcome Machine::Impl::store_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) {
    if (address % bytes != 0 || !devices_.write_flash(address, bytes, value)) return Outcome::Fault;
    return after_access();
}

bool Machine::Impl::program_flash(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    const std::uint32_t offset = address - board_.flash.base;
    if (offset >= board_.flash.bytes || bytes.size() > board_.flash.bytes - offset) return false;
    if (image_.use_count() > 1) {
        retired_.push_back(image_);
        image_ = copy_flash_image(board_, *image_);
        core_.use_flash(image_->bytes.data(), image_->code.get());
        core_.use_symbols(&image_->firmware.symbols);
        core_.attend();
    }
    std::copy(bytes.begin(), bytes.end(), image_->bytes.begin() + offset);
    image_->code->forget(offset, static_cast<std::uint32_t>(bytes.size()));
    return true;
}

// ---- run -------------------------------------------------------------------------------------------------

Cycle Machine::Impl::next_event() const {
    return std::min(device_event_, core_.control.systick.next_event());
}

Stop Machine::Impl::stop_with(Stop stop, std::string reason) {
    stopped_ = stop;
    reason_ = std::move(reason);
    return stop;
}

Stop Machine::Impl::advance_to(Cycle limit) {
    CHECK(image_ != nullptr);
    if (stopped_) return *stopped_;
    for (;;) {
        if (core_.control.reset_requested) reset_chip();
        if (device_event_ <= now()) {
            devices_.advance(now());
            device_event_ = devices_.next_event();
        }
        if (!device_reason_.empty()) return stop_with(Stop::Device, device_reason_);
        if (now() >= limit) return Stop::CycleLimit;
        const CoreEvent event = asleep_ ? CoreEvent::Sleep : core_.run(std::min(limit, device_event_));
        if (const std::optional<Stop> stop = serve(event, limit)) return *stop;
    }
}

std::optional<Stop> Machine::Impl::serve(CoreEvent event, Cycle limit) {
    switch (event) {
        case CoreEvent::Sleep:
            return sleep(limit);
        case CoreEvent::Spin:
            return spin(limit);
        case CoreEvent::Breakpoint:
            return breakpoint();
        case CoreEvent::Dead:
            return stop_with(Stop::Fault, describe_fault(core_, board_, image_->firmware));
        default:
            return std::nullopt;
    }
}

// Time jumps to the next event until one wakes the core.
std::optional<Stop> Machine::Impl::sleep(Cycle limit) {
    while (!core_.may_wake()) {
        const Cycle next = std::min(limit, next_event());
        if (next == kNever) return stop_with(Stop::Stuck, text("asleep, and nothing is set to wake it"));
        sleep_cycles_ += next > now() ? next - now() : 0;
        core_.cpu.now.cycles = std::max(now(), next);
        if (core_.control.systick.next_event() <= now() && core_.control.systick.advance(now()))
            core_.control.nvic.set_pending(kSysTick);
        if (device_event_ <= now()) devices_.advance(now());
        device_event_ = devices_.next_event();
        if (!device_reason_.empty() || core_.control.reset_requested) return std::nullopt;
        asleep_ = !core_.may_wake();
        if (now() >= limit && asleep_) return Stop::CycleLimit;  // sleeps on when run again
    }
    asleep_ = false;
    return std::nullopt;
}

// A branch onto itself: time passes in whole turns until something interrupts, or for ever.
std::optional<Stop> Machine::Impl::spin(Cycle limit) {
    constexpr Cycle kTurn = 2;
    if (core_.control.nvic.preempts()) return std::nullopt;
    if (core_.fault_record() && core_.cpu.ipsr >= kHardFault && core_.cpu.ipsr <= kUsageFault)
        return stop_with(Stop::Fault, describe_fault(core_, board_, image_->firmware));
    const bool never = next_event() == kNever || !core_.can_be_interrupted();
    if (never) return stop_with(Stop::Stuck, text("loops on one instruction, and nothing can interrupt it"));
    const Cycle until = std::min(limit, next_event());
    const Cycle turns = until > now() ? (until - now() + kTurn - 1) / kTurn : 1;
    core_.cpu.now.cycles += turns * kTurn;
    core_.cpu.now.instructions += turns;
    return std::nullopt;
}

std::optional<Stop> Machine::Impl::breakpoint() {
    std::uint16_t code = 0;
    core_.read_memory(core_.cpu.r[15], reinterpret_cast<std::uint8_t*>(&code), 2);
    if (code != 0xBEAB) return stop_with(Stop::Breakpoint, text("BKPT {}", code & 0xFF));
    ++core_.cpu.now.instructions;
    ++core_.cpu.now.cycles;
    const SemihostingResult result = semihosting_.call(core_.cpu.r[0], core_.cpu.r[1], *this);
    if (result.exits) {
        exit_code_ = result.exit_code;
        return stop_with(Stop::Exited, {});
    }
    core_.cpu.r[0] = result.value;
    core_.skip_breakpoint();
    return std::nullopt;
}

// ---- results ---------------------------------------------------------------------------------------------

namespace {

Registers read_registers(const Core& core) {
    Registers r;
    std::copy(std::begin(core.cpu.r), std::end(core.cpu.r), std::begin(r.r));
    std::copy(std::begin(core.cpu.s), std::end(core.cpu.s), std::begin(r.s));
    r.xpsr = core.xpsr();
    r.msp = core.main_stack();
    r.psp = core.process_stack();
    r.control = core.cpu.control;
    r.primask = core.cpu.primask;
    r.basepri = core.cpu.basepri;
    r.faultmask = core.cpu.faultmask;
    r.cfsr = core.control.cfsr;
    r.hfsr = core.control.hfsr;
    r.mmfar = core.control.mmfar;
    r.bfar = core.control.bfar;
    r.fpscr = core.cpu.fpscr;
    return r;
}

void add_functions(const CodeRegion& region, const Profile& profile, std::vector<FunctionCost>& functions) {
    for (std::size_t i = 0; i < region.functions().size(); ++i) {
        const OwnCost& cost = profile.costs()[i];
        if (cost.instructions == 0 && cost.calls == 0) continue;
        const Symbol& symbol = region.functions()[i];
        functions.push_back({symbol.name, symbol.address, cost.calls, cost.instructions, cost.cycles});
    }
}

}  // namespace

void Machine::Impl::fill_profile(RunResult& result) const {
    add_functions(*image_->code, core_.profile, result.functions);
    if (core_.ram_code() != nullptr) add_functions(*core_.ram_code(), core_.ram_profile, result.functions);
    std::sort(result.functions.begin(), result.functions.end(),
              [](const FunctionCost& a, const FunctionCost& b) {
                  return a.cycles != b.cycles ? a.cycles > b.cycles : a.address < b.address;
              });
    for (const MarkedWindow& window : core_.profile.windows()) {
        BenchWindow bench{{window.whole.instructions, window.whole.cycles}, {}};
        for (const MarkedSpan& op : window.ops) bench.ops.push_back({op.instructions, op.cycles});
        result.windows.push_back(std::move(bench));
    }
}

RunResult Machine::Impl::result() const {
    RunResult result;
    result.stop = stopped_.value_or(Stop::CycleLimit);
    result.exit_code = exit_code_;
    result.reason = reason_;
    result.where = image_->firmware.nearest(core_.cpu.r[15]);
    result.registers = read_registers(core_);
    result.cycles = now();
    result.sleep_cycles = sleep_cycles_;
    result.instructions = core_.cpu.now.instructions;
    result.stack_bytes = std::max(stack_bytes_, core_.initial_stack() - core_.cpu.stack_low);
    const std::uint32_t below = image_->firmware.ram_top;
    result.stack_room_bytes = below != 0 && core_.initial_stack() > below ? core_.initial_stack() - below : 0;
    result.resets = resets_;
    result.console = semihosting_.console();
    fill_profile(result);
    result.energy = meter_.report(now(), now() - sleep_cycles_, sleep_cycles_);
    return result;
}

// ---- the face --------------------------------------------------------------------------------------------

Machine::Machine(Board board, MachineOptions options)
    : impl_(std::make_unique<Impl>(std::move(board), std::move(options))) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;

Device& Machine::attach(std::unique_ptr<Device> device) {
    return impl_->devices_.attach(std::move(device), *impl_);
}
void Machine::load(const Firmware& firmware) { impl_->load(make_flash_image(impl_->board_, firmware)); }
void Machine::load(std::shared_ptr<FlashImage> image) { impl_->load(std::move(image)); }
std::shared_ptr<FlashImage> Machine::image() const { return impl_->image_; }
Stop Machine::advance_to(Cycle limit) { return impl_->advance_to(limit); }
RunResult Machine::result() const { return impl_->result(); }
RunResult Machine::run(Cycle limit) {
    impl_->advance_to(limit);
    return impl_->result();
}
const Board& Machine::board() const { return impl_->board_; }
Cycle Machine::cycles() const { return impl_->now(); }
Host& Machine::host() { return *impl_; }
bool Machine::read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const {
    return impl_->read_memory(address, bytes);
}
bool Machine::write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    return impl_->write_memory(address, bytes);
}

Cycle seconds(double seconds, const Board& board) {
    return static_cast<Cycle>(seconds * board.clock_hz.value);
}

Modelled latency_us(Cycle cycles, const Board& board) {
    const double us = static_cast<double>(cycles) / board.clock_hz.value * 1e6;
    return {us, us * (1 - board.bands.latency), us * (1 + board.bands.latency)};
}

}  // namespace jatai::simulate
