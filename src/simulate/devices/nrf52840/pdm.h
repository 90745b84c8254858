// pdm.h: the PDM interface of the nRF52840 with a microphone that plays a track: 16-bit samples into RAM by
// direct memory access, in virtual time.
//
//     machine.attach(std::make_unique<Pdm>(PdmWiring{26, 25, 17}, gpio, track, 650.0, record));
//
// The track starts when the firmware first starts the interface; after its end there is silence. At 16,000
// samples a second the firmware gets exactly the track's samples; at another rate (say 1.032 MHz / 64) they
// are interpolated. The track is what the interface delivers: gain and the microphone's own noise are in it.
// With the microphone unpowered or its pins not connected there is nothing but zeros. Source: nRF52840
// Product Specification v1.7, 6.15.
#pragma once

#include <vector>

#include "src/simulate/devices/nrf52840/gpio.h"

namespace jatai::simulate {

struct PdmWiring {
    unsigned clock_pin = 0;
    unsigned data_pin = 0;
    unsigned power_pin = 0;
};

struct Track {
    std::vector<std::int16_t> samples;
    std::uint32_t rate_hz = 16000;
};

class Pdm : public Peripheral {
  public:
    Pdm(PdmWiring wiring, const Gpio& gpio, Track track, double microphone_ua, BoardRecord& record);
    Cycle next_event() const override { return next_; }
    void advance() override;
    void reset() override;

  protected:
    bool start_task(std::uint32_t offset) override;
    void changed(std::uint32_t offset) override;

  private:
    void start();
    void stop();
    void begin_block();
    void end_block();
    void write_samples();
    std::int16_t hear();
    bool is_wired();
    Cycle cycle_of(std::uint64_t sample);
    void schedule();
    void account();

    PdmWiring wiring_;
    const Gpio& gpio_;
    Track track_;
    double microphone_ua_;

    bool running_ = false;
    Cycle next_ = kNever;
    Cycle origin_ = 0;                               // sample 0 of this run begins here
    Cycle accounted_ = 0;                            // on-time is counted up to here
    std::uint64_t cycles_num_ = 0, cycles_den_ = 1;  // cycles per sample
    std::uint64_t taken_ = 0;                        // samples of this run, so far
    std::uint64_t track_at_ = 0;                     // samples ever
    std::uint32_t pointer_ = 0;
    std::uint32_t block_samples_ = 0;
    std::uint32_t written_ = 0;  // of the block
    std::uint32_t pending_ = 0;  // samples the next event writes
};

}  // namespace jatai::simulate
