// op_list.h: every operation the decoder can produce, named once. op.h makes the enumeration of it,
// interpreter.cpp the table of labels; execute_*.h hold one function execute_<Name> for each.
//
// PLAIN    registers only, cannot fail                  execute_X(Cpu&, const Op&)
// MEMORY   may reach memory, fault or wake the outside  execute_X(Cpu&, const Op&, Counters&) -> Outcome
// FLOAT    as PLAIN, after the float unit is ready      execute_X(Cpu&, const Op&)
// FLOATMEM as MEMORY, after the float unit is ready
// JUMP     changes the flow: written out in interpreter.cpp
#pragma once

// clang-format off

#define JATAI_OPERANDS(X, NAME) X(NAME##Imm) X(NAME##Reg) X(NAME##Lsl) X(NAME##Lsr) X(NAME##Asr) X(NAME##Ror)

#define JATAI_ALU_NAMES(X) X(And) X(Bic) X(Orr) X(Orn) X(Eor) X(Add) X(Adc) X(Sbc) X(Sub) X(Rsb) X(Mov) X(Mvn)
#define JATAI_COMPARE_NAMES(X) X(Tst) X(Teq) X(Cmn) X(Cmp)

#define JATAI_ALU_OPS(X)                                                                                \
    JATAI_OPERANDS(X, And) JATAI_OPERANDS(X, Bic) JATAI_OPERANDS(X, Orr) JATAI_OPERANDS(X, Orn)         \
    JATAI_OPERANDS(X, Eor) JATAI_OPERANDS(X, Add) JATAI_OPERANDS(X, Adc) JATAI_OPERANDS(X, Sbc)         \
    JATAI_OPERANDS(X, Sub) JATAI_OPERANDS(X, Rsb) JATAI_OPERANDS(X, Mov) JATAI_OPERANDS(X, Mvn)         \
    JATAI_OPERANDS(X, AndS) JATAI_OPERANDS(X, BicS) JATAI_OPERANDS(X, OrrS) JATAI_OPERANDS(X, OrnS)     \
    JATAI_OPERANDS(X, EorS) JATAI_OPERANDS(X, AddS) JATAI_OPERANDS(X, AdcS) JATAI_OPERANDS(X, SbcS)     \
    JATAI_OPERANDS(X, SubS) JATAI_OPERANDS(X, RsbS) JATAI_OPERANDS(X, MovS) JATAI_OPERANDS(X, MvnS)     \
    JATAI_OPERANDS(X, Tst) JATAI_OPERANDS(X, Teq) JATAI_OPERANDS(X, Cmn) JATAI_OPERANDS(X, Cmp)         \
    X(ShiftLsl) X(ShiftLsr) X(ShiftAsr) X(ShiftRor) X(ShiftLslS) X(ShiftLsrS) X(ShiftAsrS) X(ShiftRorS) \
    X(AluSp) X(Movt) X(Bfi) X(Bfc) X(Sbfx) X(Ubfx) X(Clz) X(Rbit) X(Rev) X(Rev16) X(Revsh)

#define JATAI_PARALLEL(X, P) X(P##Add16) X(P##Asx) X(P##Sax) X(P##Sub16) X(P##Add8) X(P##Sub8)

#define JATAI_DSP_OPS(X)                                                                                \
    X(Sxtb) X(Sxth) X(Uxtb) X(Uxth) X(Sxtb16) X(Uxtb16)                                                 \
    X(Sxtab) X(Sxtah) X(Uxtab) X(Uxtah) X(Sxtab16) X(Uxtab16)                                           \
    JATAI_PARALLEL(X, S) JATAI_PARALLEL(X, Q) JATAI_PARALLEL(X, Sh)                                     \
    JATAI_PARALLEL(X, U) JATAI_PARALLEL(X, Uq) JATAI_PARALLEL(X, Uh)                                    \
    X(SaturatingAdd) X(SaturatingSub) X(SaturatingDoubleAdd) X(SaturatingDoubleSub)                     \
    X(Ssat) X(Usat) X(Ssat16) X(Usat16) X(Pkhbt) X(Pkhtb) X(Sel) X(Usad8) X(Usada8)                     \
    X(Mul) X(MulS) X(Mla) X(Mls)                                                                        \
    X(Smulbb) X(Smulbt) X(Smultb) X(Smultt) X(Smlabb) X(Smlabt) X(Smlatb) X(Smlatt)                     \
    X(Smulwb) X(Smulwt) X(Smlawb) X(Smlawt)                                                             \
    X(Smuad) X(Smuadx) X(Smusd) X(Smusdx) X(Smlad) X(Smladx) X(Smlsd) X(Smlsdx)                         \
    X(Smmul) X(Smmulr) X(Smmla) X(Smmlar) X(Smmls) X(Smmlsr)                                            \
    X(Smull) X(Umull) X(Smlal) X(Umlal) X(Umaal)                                                        \
    X(Smlalbb) X(Smlalbt) X(Smlaltb) X(Smlaltt) X(Smlald) X(Smlaldx) X(Smlsld) X(Smlsldx)

// In the order of AddressMode (op.h).
#define JATAI_LOADS(X, T)                                                                \
    X(Load##T##Offset) X(Load##T##Register) X(Load##T##Pre) X(Load##T##Post)             \
    X(Load##T##Unpriv) X(Load##T##Literal)
#define JATAI_STORES(X, T)                                                               \
    X(Store##T##Offset) X(Store##T##Register) X(Store##T##Pre) X(Store##T##Post) X(Store##T##Unpriv)

#define JATAI_MEMORY_OPS(X)                                                                             \
    JATAI_LOADS(X, Word) JATAI_LOADS(X, Byte) JATAI_LOADS(X, Half) JATAI_LOADS(X, SignedByte)           \
    JATAI_LOADS(X, SignedHalf) JATAI_STORES(X, Word) JATAI_STORES(X, Byte) JATAI_STORES(X, Half)        \
    X(LoadDualOffset) X(LoadDualIndexed) X(StoreDualOffset) X(StoreDualIndexed)                         \
    X(LoadMultiple) X(StoreMultiple) X(Push)                                                            \
    X(Ldrex) X(Ldrexb) X(Ldrexh) X(Strex) X(Strexb) X(Strexh) X(Clrex)                                  \
    X(Sdiv) X(Udiv) X(Cps) X(Mrs) X(Msr) X(Barrier)

#define JATAI_FLOAT_OPS(X)                                                                              \
    X(Vadd) X(Vsub) X(Vmul) X(Vnmul) X(Vmla) X(Vmls) X(Vnmla) X(Vnmls) X(Vfma) X(Vfms) X(Vfnma) X(Vfnms) \
    X(Vdiv) X(Vsqrt) X(Vabs) X(Vneg) X(Vmov) X(VmovImm) X(Vcmp) X(Vcmpz)                                \
    X(VcvtFromInt) X(VcvtFromUnsigned) X(VcvtToInt) X(VcvtToUnsigned) X(VcvtFromFixed) X(VcvtToFixed)   \
    X(VcvtHalfToFloat) X(VcvtFloatToHalf) X(VmovToCore) X(VmovFromCore)                                 \
    X(VmovPairToCore) X(VmovPairFromCore) X(Vmrs) X(Vmsr)

#define JATAI_FLOATMEM_OPS(X) X(Vldr) X(Vstr) X(VldrDouble) X(VstrDouble) X(Vldm) X(Vstm)

#define JATAI_CONDITIONS(X, N)                                                           \
    X(N##Eq) X(N##Ne) X(N##Cs) X(N##Cc) X(N##Mi) X(N##Pl) X(N##Vs) X(N##Vc) X(N##Hi)     \
    X(N##Ls) X(N##Ge) X(N##Lt) X(N##Gt) X(N##Le)

#define JATAI_JUMP_OPS(X)                                                                               \
    X(Undecoded) X(OutOfRegion) X(Branch) X(BranchSelf) X(BranchTail) X(BranchFar)                      \
    JATAI_CONDITIONS(X, Branch) X(BranchFarCond) X(Cbz) X(Cbnz) X(BranchLink) X(BranchLinkFar)          \
    X(Bx) X(Blx) X(MovPc) X(AddPc) X(LoadPc) X(LoadMultiplePc) X(Tbb) X(Tbh) X(Nop)                     \
    X(It) X(ItGuard) X(LineGuard) X(MarkGuard) X(Wfi) X(Wfe) X(Sev) X(Svc) X(Bkpt) X(Undefined)

// clang-format on
