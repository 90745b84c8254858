// The keyword application with a model beside, on this computer: when it runs, by the clock it is given, and
// what it tells, down an honest line.
#include <gtest/gtest.h>

#include "device/apps/keyword_fleet.h"
#include "src/telemetry/byte_pipe.h"
#include "src/telemetry/cbor.h"
#include "tests/faults/held_board.h"
#include "tests/flow/keyword_package.h"

namespace jatai {
namespace {

constexpr std::uint64_t kResultReport = 1, kStatisticsReport = 3;

// Gives the one update it has, takes every report.
class Honest {
  public:
    explicit Honest(Update update) : update_(std::move(update)) {}
    BytePipe pipe() { return {this, write, read}; }
    void say(const std::string& bytes) { waiting_ += bytes; }
    std::vector<Cbor> reports;

  private:
    static void write(void* self, const std::uint8_t* bytes, std::uint32_t count) {
        Honest& line = *static_cast<Honest*>(self);
        for (const PipeRecord& record :
             line.ear_.take(std::string(reinterpret_cast<const char*>(bytes), count))) {
            if (const auto piece = read_report_piece(record)) line.take(*piece);
            if (const auto want = read_want(record)) line.give(*want);
        }
    }
    void take(const PipeReportPiece& piece) {
        if (piece.offset == 0) report_.clear();
        report_ += piece.bytes;
        if (report_.size() < piece.total) return;
        waiting_ += write_taken(piece.number);
        if (const auto report = read_cbor(report_)) reports.push_back(*report);
    }
    void give(const PipeWant& want) {
        static const Bytes none;
        const Bytes& all = want.what == PipeWant::What::Root       ? none
                           : want.what == PipeWant::What::Manifest ? update_.envelope
                                                                   : update_.payload;
        const std::size_t from = std::min<std::size_t>(want.offset, all.size()),
                          size = std::min<std::size_t>(want.most, all.size() - from);
        const auto at = all.begin() + static_cast<std::ptrdiff_t>(from);
        waiting_ += write_data(want, static_cast<std::uint32_t>(all.size()),
                               std::string(at, at + static_cast<std::ptrdiff_t>(size)));
    }
    static std::uint32_t read(void* self, std::uint8_t* bytes, std::uint32_t room, std::uint32_t) {
        std::string& waiting = static_cast<Honest*>(self)->waiting_;
        const std::size_t take = std::min<std::size_t>(room, waiting.size());
        std::memcpy(bytes, waiting.data(), take);
        waiting.erase(0, take);
        return static_cast<std::uint32_t>(take);
    }

    Update update_;
    PipeReader ear_;
    std::string waiting_, report_;
};

class HeldShadow : public testing::Test {
  protected:
    static Bytes renamed() {
        KeywordPace pace = tone_pace();
        pace.labels[0].name = "other";
        return tone_package(pace);
    }
    void SetUp() override {
        app_.open(board_.parts(line_.pipe(), world_), [] {});
        line_.say(write_consent(kStatisticsConsent, 2));
        for (int i = 0; i < 5; ++i) app_.step();
        line_.say(write_ask(PipeAsk::LookBeside));
    }
    // The answers given in so many hops.
    std::uint32_t hear(int hops) {
        std::uint32_t answers = 0;
        for (int i = 0; i < hops; ++i) answers += app_.step().answered ? 1 : 0;
        return answers;
    }
    // Windows whose outputs were told of, of the model beside or of the active one.
    std::uint64_t told(bool beside) const {
        std::uint64_t windows = 0;
        const std::uint8_t* own = app_.agent().state().active_digest;
        for (const Cbor& report : line_.reports) {
            if (report.get(1)->unsigned_or(9) != kStatisticsReport) continue;
            if ((std::memcmp(report.get(20)->text.data(), own, 8) == 0) == beside) continue;
            const std::string& bins = report.get(21)->items[1].items[1].text;
            for (std::size_t i = 0; i < bins.size(); i += 2)
                windows += static_cast<std::uint8_t>(bins[i]) + 256u * static_cast<std::uint8_t>(bins[i + 1]);
        }
        return windows;
    }
    Reason result() const {
        std::uint64_t reason = 0;
        for (const Cbor& report : line_.reports)
            if (report.get(1)->unsigned_or(9) == kResultReport)
                reason = report.get(6)->items[1].unsigned_or(0);
        return static_cast<Reason>(reason);
    }

    UpdateWorld world_;
    Bytes first_ = tone_package(tone_pace());
    HeldBoard board_{world_, first_};
    Honest line_{world_.make(renamed(), 7, first_)};
    KeywordFleet app_;
};

// A window is 200 ms, the hops before the next cost some 50 us each: 179 ms are left when it was answered.
TEST_F(HeldShadow, RunsAtEveryWindowWhenWhatItTakesEndsBeforeTheNext) {
    board_.run_us = 179000;
    const std::uint32_t answers = hear(600);
    EXPECT_GT(answers, 50u);
    ASSERT_TRUE(app_.shadow().is_open());
    EXPECT_EQ(app_.shadow().longest_us(), 179000u);
    EXPECT_GT(told(true), 40u);
    EXPECT_NEAR(static_cast<double>(told(true)), static_cast<double>(told(false)),
                1);  // one told after the other
}

TEST_F(HeldShadow, IsGivenUpAfter25WindowsWithoutTimeForItAndToldOf) {
    board_.run_us = 180001;
    hear(45 + 24 * 10);
    EXPECT_TRUE(app_.shadow().is_open());
    hear(30);
    EXPECT_FALSE(app_.shadow().is_open());
    EXPECT_EQ(result(), Reason::TooSlow);
    EXPECT_EQ(told(true), 0u);
    EXPECT_GT(told(false), 10u);
    EXPECT_EQ(app_.agent().beside().bytes, nullptr);
    EXPECT_TRUE(app_.hears());
}

TEST_F(HeldShadow, WithoutConsentNothingIsTold) {
    hear(200);
    ASSERT_GT(told(true), 0u);
    line_.say(write_consent(0, 0));
    hear(5);
    const std::size_t before = line_.reports.size();
    hear(600);
    EXPECT_EQ(line_.reports.size(), before);
    EXPECT_TRUE(app_.shadow().is_open());
}

}  // namespace
}  // namespace jatai
