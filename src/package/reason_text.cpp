#include "src/package/reason_text.h"

#include "src/base/text.h"

namespace jatai {

std::string reason_text(Reason reason) {
    switch (reason) {
        case Reason::Ok:
            return text("accepted");
        case Reason::BadManifest:
            return text("not a manifest of the form that chips read");
        case Reason::Unsupported:
            return text("a manifest that asks for what the agent does not do");
        case Reason::WrongDigest:
            return text("the manifest is not the one that was signed");
        case Reason::UnknownKey:
            return text("not signed by a key in force");
        case Reason::BadSignature:
            return text("the signature is wrong");
        case Reason::WrongVendor:
            return text("of another vendor");
        case Reason::WrongBoard:
            return text("made for another board");
        case Reason::Downgrade:
            return text("signed before something the device has seen");
        case Reason::Replayed:
            return text("installed or given back already");
        case Reason::Expired:
            return text("past its last day");
        case Reason::WrongFormat:
            return text("a package version the engine does not read");
        case Reason::WrongFamily:
            return text("weights laid out for other kernels");
        case Reason::MissingKernel:
            return text("the firmware lacks a kernel the model needs");
        case Reason::ArenaTooSmall:
            return text("the model needs a larger arena");
        case Reason::TooLarge:
            return text("larger than the slot");
        case Reason::BadPayload:
            return text("the payload is damaged or ends early");
        case Reason::WrongSource:
            return text("a difference to another image than the active one");
        case Reason::WrongImage:
            return text("what came out is not what was signed");
        case Reason::BadPackage:
            return text("the package does not prove");
        case Reason::SelfTestFailed:
            return text("the self-test failed");
        case Reason::FlashFailed:
            return text("the flash reads back otherwise than written");
        case Reason::Returned:
            return text("the trial ended without a confirmation; the model before runs");
        case Reason::NoKeys:
            return text("the firmware trusts no key yet");
        case Reason::NoFirmwarePort:
            return text("this device takes no firmware");
        case Reason::BadRoot:
            return text("not a root document of the form that chips read");
        case Reason::TooFewSignatures:
            return text("too few root keys signed it");
        case Reason::OldRoot:
            return text("a root document not newer than the one in force");
        case Reason::TooLong:
            return text("longer than the device's buffer");
        case Reason::NoModel:
            return text("no model in either slot");
        case Reason::OutOfTurn:
            return text("asked for when it cannot be");
        case Reason::HandedOver:
            return text("handed over to the boot loader");
        case Reason::TooSlow:
            return text("the application would be late");
    }
    return text("reason {}", static_cast<unsigned>(reason));
}

}  // namespace jatai
