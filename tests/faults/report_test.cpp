// Reports of a device, and the frames that carry them.
#include <gtest/gtest.h>

#include <random>

#include "device/observe/observer.h"
#include "device/update/frame.h"
#include "device/update/link.h"
#include "tests/faults/chip_rig.h"

namespace jatai {
namespace {

class Reports : public ChipRig {
  protected:
    void SetUp() override {
        ChipRig::SetUp();
        context = {kBoard, set_hash, &chip.agent(), nullptr, 86400,
                   20480,  1500,     123456789,     3,       StartReason::Watchdog};
    }

    std::uint8_t set_hash[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    HealthContext context{};
    std::uint8_t bytes[512];
};

TEST_F(Reports, NothingIsCollectedOrSentWithoutConsent) {
    Observer observer;
    const signed char values[4] = {1, 2, 3, 4};
    observer.input(values, 4);
    observer.output(2, 60000);
    EXPECT_EQ(observer.seen(0).total, 0u);
    EXPECT_EQ(observer.health_report(bytes, sizeof bytes, context), 0u);
    EXPECT_EQ(observer.statistics_report(bytes, sizeof bytes, set_hash), 0u);
    observer.consent(kStatistics);
    observer.input(values, 4);
    EXPECT_EQ(observer.seen(0).total, 4u);
    observer.consent(0);  // withdrawn: forgotten
    EXPECT_EQ(observer.seen(0).total, 0u);
}

TEST_F(Reports, HealthAndStatisticsOfADayTakeAtMostFourHundredBytes) {
    Observer observer;
    observer.consent(kHealth | kStatistics);
    for (int i = 0; i < 86400; ++i)
        observer.run_done(100000), observer.output(static_cast<std::uint32_t>(i % 5), 50000);
    CrashRecord crash{};
    record_crash(crash, 0x12345, 0x23456, 0x8200, 0x20040000);
    record_crash(crash, 0x12345, 0x23456, 0x8200, 0x20040000);
    EXPECT_EQ(crash.count, 2u);
    context.crash = &crash;
    const std::uint32_t health = observer.health_report(bytes, sizeof bytes, context);
    CborReader in(bytes, health);
    in.skip();
    EXPECT_TRUE(in.done());
    const std::uint32_t statistics = observer.statistics_report(bytes, sizeof bytes, set_hash);
    CborReader again(bytes, statistics);
    again.skip();
    EXPECT_TRUE(again.done());
    EXPECT_GT(health, 60u);
    EXPECT_GT(statistics, 100u);
    EXPECT_LE(health + statistics, 400u);
    EXPECT_EQ(observer.seen(1).total, 0u);  // the next window begins
    RecordProperty("health_bytes", static_cast<int>(health));
    RecordProperty("statistics_bytes", static_cast<int>(statistics));
}

TEST_F(Reports, ADescriptionAndAnUpdatesResultSayWhatTheAgentKnows) {
    ASSERT_EQ(chip.update(world().make(world().broken, 7, {})).reason, Reason::SelfTestFailed);
    chip.config().kernel_count = 10;
    const std::uint32_t size = description_report(bytes, sizeof bytes, context, chip.config());
    ASSERT_GT(size, 0u);
    EXPECT_LE(size, 400u);
    CborReader in(bytes, size);
    EXPECT_EQ(in.map(), 9u);
    in.skip();  // key 0 …
    const std::uint32_t result = update_report(bytes, sizeof bytes, context);
    CborReader last(bytes, result);
    for (std::uint32_t pairs = last.map(); pairs > 0; --pairs) {
        if (last.integer() != 6) {
            last.skip();
            continue;
        }
        EXPECT_EQ(last.array(), 3u);
        EXPECT_EQ(last.unsigned_integer(), 7u);
        EXPECT_EQ(last.unsigned_integer(), static_cast<std::uint64_t>(Reason::SelfTestFailed));
        last.unsigned_integer();
    }
    EXPECT_TRUE(last.done());
}

TEST_F(Reports, ACrashRecordOfNoiseIsNone) {
    CrashRecord noise;
    std::memset(&noise, 0xA7, sizeof noise);
    EXPECT_FALSE(is_crash(noise));
    record_crash(noise, 1, 2, 3, 4);
    EXPECT_TRUE(is_crash(noise));
    EXPECT_EQ(noise.count, 1u);
}

TEST(Frames, OfEverySizeComeBackAsTheyWere) {
    std::mt19937 random(3);
    FrameReader reader;
    for (std::uint32_t size = 0; size <= kMaxBodyBytes; ++size) {
        for (int kind = 0; kind < 3; ++kind) {
            std::uint8_t body[kMaxBodyBytes], line[kFrameRoom];
            for (std::uint32_t i = 0; i < size; ++i)
                body[i] = static_cast<std::uint8_t>(kind == 0 ? 0 : kind == 1 ? 7 : random() % 3);
            const std::uint32_t bytes = write_frame(line, FrameType::Data, body, size);
            ASSERT_GT(bytes, 0u);
            ASSERT_LE(bytes, kFrameRoom);
            bool whole = false;
            for (std::uint32_t i = 0; i < bytes; ++i) {
                ASSERT_FALSE(whole);
                ASSERT_TRUE(line[i] != 0 || i + 1 == bytes);
                whole = reader.push(line[i]);
            }
            ASSERT_TRUE(whole) << size << " " << kind;
            ASSERT_EQ(reader.type(), FrameType::Data);
            ASSERT_EQ(reader.body_bytes(), size);
            ASSERT_EQ(std::memcmp(reader.body(), body, size), 0);
        }
    }
    std::uint8_t line[kFrameRoom];
    EXPECT_EQ(write_frame(line, FrameType::Data, line, kMaxBodyBytes + 1), 0u);
}

TEST(Frames, DamageDropsAFrameAndNotTheNextOne) {
    std::uint8_t body[100] = {1, 0, 2, 0, 0, 3}, line[kFrameRoom];
    const std::uint32_t bytes = write_frame(line, FrameType::Want, body, sizeof body);
    for (std::uint32_t bit = 0; bit < bytes * 8; ++bit) {
        FrameReader reader;
        std::uint8_t damaged[kFrameRoom];
        std::memcpy(damaged, line, bytes);
        damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        for (std::uint32_t i = 0; i < bytes; ++i) ASSERT_FALSE(reader.push(damaged[i])) << bit;
        reader.push(0);
        bool whole = false;
        for (std::uint32_t i = 0; i < bytes; ++i) whole = reader.push(line[i]);
        ASSERT_TRUE(whole) << bit;
    }
}

// Counts what goes over the line both ways, and takes every report that is whole.
struct CountingPipe {
    FrameReader reader;
    Bytes waiting;
    std::uint32_t bytes = 0, pieces = 0, left = 0;

    static void write(void* self, const std::uint8_t* data, std::uint32_t count) {
        auto& pipe = *static_cast<CountingPipe*>(self);
        pipe.bytes += count;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (!pipe.reader.push(data[i]) || pipe.reader.type() != FrameType::Report) continue;
            ++pipe.pieces;
            const std::uint8_t* body = pipe.reader.body();
            const std::uint32_t total = body[2] | static_cast<std::uint32_t>(body[3]) << 8;
            const std::uint32_t offset = body[4] | static_cast<std::uint32_t>(body[5]) << 8;
            if (offset + pipe.reader.body_bytes() - 6 != total) continue;
            std::uint8_t line[kFrameRoom];
            const std::uint32_t size = write_frame(line, FrameType::Taken, body, 2);
            pipe.waiting.insert(pipe.waiting.end(), line, line + size);
            pipe.bytes += size;
        }
    }
    static std::uint32_t read(void* self, std::uint8_t* data, std::uint32_t room, std::uint32_t) {
        auto& pipe = *static_cast<CountingPipe*>(self);
        const auto take = std::min<std::uint32_t>(room, static_cast<std::uint32_t>(pipe.waiting.size()));
        std::copy_n(pipe.waiting.begin(), take, data);
        pipe.waiting.erase(pipe.waiting.begin(), pipe.waiting.begin() + take);
        return take;
    }
};

TEST_F(Reports, ADayInTheSmallModeIsUnder400BytesOnTheLine) {
    CountingPipe pipe;
    Link link;
    link.open({&pipe, CountingPipe::write, CountingPipe::read}, chip.agent());
    Observer observer;
    observer.consent(kHealth | kStatistics);
    Histogram reference{};
    for (std::uint32_t i = 0; i < 1000; ++i) reference.add(i % 16);
    for (std::uint32_t what : {0u, 2u}) observer.set_reference(what, reference);
    const signed char input[64] = {3, -90, 44, 127, -128};
    for (std::uint32_t i = 0; i < 86400; ++i) {
        observer.run_done(61000 + i % 300);
        observer.input(input, sizeof input);
        observer.output(i % 12, static_cast<std::uint16_t>(i * 97));
    }
    std::uint32_t size = observer.health_report(bytes, sizeof bytes, context);
    ASSERT_TRUE(link.deliver(bytes, size));
    size = observer.statistics_report(bytes, sizeof bytes, set_hash);
    ASSERT_TRUE(link.deliver(bytes, size));
    EXPECT_EQ(pipe.pieces, 2u);
    EXPECT_LE(pipe.bytes, 400u);
    EXPECT_GT(pipe.bytes, 200u);
    RecordProperty("bytes_a_day", static_cast<int>(pipe.bytes));
}

}  // namespace
}  // namespace jatai
