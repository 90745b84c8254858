@ run_case(r0: snippet, r1: values in, r2: values out): the snippet runs with every register as given; r13 is the stack,
@ r14 the way back.
    .syntax unified
    .thumb
    .text
    .thumb_func
    .global run_case
run_case:
    push {r3-r12, lr}
    vpush {s16-s31}
    ldr r3, =where_out
    str r2, [r3]
    ldr r3, =where_sp
    str sp, [r3]
    mov lr, r0
    add r3, r1, #64
    vldm r3, {s0-s31}
    ldr r4, [r1, #56]
    vmsr fpscr, r4
    ldr r4, [r1, #52]
    msr apsr_nzcvqg, r4
    ldm r1, {r0-r12}
    blx lr
    ldr lr, =where_out
    ldr lr, [lr]
    stm lr, {r0-r12}
    mrs r0, apsr
    str r0, [lr, #52]
    vmrs r0, fpscr
    str r0, [lr, #56]
    add lr, lr, #64
    vstm lr, {s0-s31}
    mov r0, #0
    vmsr fpscr, r0
    msr primask, r0
    ldr r3, =where_sp
    ldr sp, [r3]
    vpop {s16-s31}
    pop {r3-r12, pc}
    .ltorg

    .bss
    .align 2
where_out: .word 0
where_sp: .word 0
