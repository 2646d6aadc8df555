#include "textflag.h"

// The twin of each function is in plain.go. Y15 is the mask of the last columns.

// masks holds eight lanes on and eight off: loaded at 4·(8-n), it has n lanes on.
DATA masks<>+0(SB)/8, $0xffffffffffffffff
DATA masks<>+8(SB)/8, $0xffffffffffffffff
DATA masks<>+16(SB)/8, $0xffffffffffffffff
DATA masks<>+24(SB)/8, $0xffffffffffffffff
DATA masks<>+32(SB)/8, $0
DATA masks<>+40(SB)/8, $0
DATA masks<>+48(SB)/8, $0
DATA masks<>+56(SB)/8, $0
GLOBL masks<>(SB), RODATA|NOPTR, $64

// MASK sets Y15 to the first min(n, 8) lanes; it spoils t and u.
#define MASK(n, t, u) \
	MOVQ    $8, t          \
	CMPQ    n, $8          \
	CMOVQLT n, t           \
	NEGQ    t              \
	LEAQ    masks<>(SB), u \
	VMOVUPS 32(u)(t*4), Y15

// func cpuid(leaf, sub uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func xgetbv() (low, high uint32)
TEXT ·xgetbv(SB), NOSPLIT, $0-8
	XORL CX, CX
	XGETBV
	MOVL AX, low+0(FP)
	MOVL DX, high+4(FP)
	RET

// ROW16 adds one factor times sixteen columns (Y8, Y9) to two sums.
#define ROW16(a, lo, hi) \
	VBROADCASTSS (a)(AX*1), Y10 \
	VMULPS       Y8, Y10, Y11   \
	VMULPS       Y9, Y10, Y12   \
	VADDPS       Y11, lo, lo    \
	VADDPS       Y12, hi, hi

// ROW8 adds one factor times eight columns (Y8).
#define ROW8(a, sum) \
	VBROADCASTSS (a)(AX*1), Y10 \
	VMULPS       Y8, Y10, Y11   \
	VADDPS       Y11, sum, sum

// func mulAdd4(c, a *four, b *float32, n, cols, sa, ldb int)
//
// R8…R11 are the four rows of factors, AX how far along them (bytes), BX a row of b,
// SI the rows of b left, DI the columns done (bytes), R13 the columns left.
TEXT ·mulAdd4(SB), NOSPLIT, $0-56
	MOVQ a+8(FP), AX
	MOVQ 0(AX), R8
	MOVQ 8(AX), R9
	MOVQ 16(AX), R10
	MOVQ 24(AX), R11
	MOVQ sa+40(FP), CX
	MOVQ ldb+48(FP), DX
	MOVQ cols+32(FP), R13
	XORQ DI, DI

panel16:
	CMPQ    R13, $16
	JLT     panel8
	MOVQ    c+0(FP), BX
	MOVQ    0(BX), R12
	VMOVUPS 0(R12)(DI*1), Y0
	VMOVUPS 32(R12)(DI*1), Y1
	MOVQ    8(BX), R12
	VMOVUPS 0(R12)(DI*1), Y2
	VMOVUPS 32(R12)(DI*1), Y3
	MOVQ    16(BX), R12
	VMOVUPS 0(R12)(DI*1), Y4
	VMOVUPS 32(R12)(DI*1), Y5
	MOVQ    24(BX), R12
	VMOVUPS 0(R12)(DI*1), Y6
	VMOVUPS 32(R12)(DI*1), Y7
	MOVQ    b+16(FP), BX
	ADDQ    DI, BX
	MOVQ    n+24(FP), SI
	XORQ    AX, AX

loop16:
	VMOVUPS 0(BX), Y8
	VMOVUPS 32(BX), Y9
	ROW16(R8, Y0, Y1)
	ROW16(R9, Y2, Y3)
	ROW16(R10, Y4, Y5)
	ROW16(R11, Y6, Y7)
	ADDQ    CX, AX
	ADDQ    DX, BX
	DECQ    SI
	JNZ     loop16

	MOVQ    c+0(FP), BX
	MOVQ    0(BX), R12
	VMOVUPS Y0, 0(R12)(DI*1)
	VMOVUPS Y1, 32(R12)(DI*1)
	MOVQ    8(BX), R12
	VMOVUPS Y2, 0(R12)(DI*1)
	VMOVUPS Y3, 32(R12)(DI*1)
	MOVQ    16(BX), R12
	VMOVUPS Y4, 0(R12)(DI*1)
	VMOVUPS Y5, 32(R12)(DI*1)
	MOVQ    24(BX), R12
	VMOVUPS Y6, 0(R12)(DI*1)
	VMOVUPS Y7, 32(R12)(DI*1)
	ADDQ    $64, DI
	SUBQ    $16, R13
	JMP     panel16

panel8:
	TESTQ      R13, R13
	JLE        done
	MASK(R13, AX, BX)
	MOVQ       c+0(FP), BX
	MOVQ       0(BX), R12
	VMASKMOVPS (R12)(DI*1), Y15, Y0
	MOVQ       8(BX), R12
	VMASKMOVPS (R12)(DI*1), Y15, Y2
	MOVQ       16(BX), R12
	VMASKMOVPS (R12)(DI*1), Y15, Y4
	MOVQ       24(BX), R12
	VMASKMOVPS (R12)(DI*1), Y15, Y6
	MOVQ       b+16(FP), BX
	ADDQ       DI, BX
	MOVQ       n+24(FP), SI
	XORQ       AX, AX

loop8:
	VMASKMOVPS (BX), Y15, Y8
	ROW8(R8, Y0)
	ROW8(R9, Y2)
	ROW8(R10, Y4)
	ROW8(R11, Y6)
	ADDQ       CX, AX
	ADDQ       DX, BX
	DECQ       SI
	JNZ        loop8

	MOVQ       c+0(FP), BX
	MOVQ       0(BX), R12
	VMASKMOVPS Y0, Y15, (R12)(DI*1)
	MOVQ       8(BX), R12
	VMASKMOVPS Y2, Y15, (R12)(DI*1)
	MOVQ       16(BX), R12
	VMASKMOVPS Y4, Y15, (R12)(DI*1)
	MOVQ       24(BX), R12
	VMASKMOVPS Y6, Y15, (R12)(DI*1)
	ADDQ       $32, DI
	SUBQ       $8, R13
	JMP        panel8

done:
	VZEROUPPER
	RET

// PICK sets R12 to where entry AX's row begins, DI bytes along, and Y8 to its value.
#define PICK \
	MOVLQSX      (SI)(AX*4), R12 \
	IMULQ        DX, R12         \
	ADDQ         BX, R12         \
	VBROADCASTSS (R8)(AX*4), Y8

#define TAKE(at, sum, tmp) \
	VMULPS at(R12), Y8, tmp \
	VADDPS tmp, sum, sum

// func gather(y *float32, n int, w *float32, col *int32, val *float32, entries int)
//
// R9 is y, R13 the columns left, BX w (both move along), DX the bytes of a row, SI and
// R8 the entries, R11 their number, AX the entry.
TEXT ·gather(SB), NOSPLIT, $0-48
	MOVQ y+0(FP), R9
	MOVQ n+8(FP), R13
	MOVQ w+16(FP), BX
	MOVQ col+24(FP), SI
	MOVQ val+32(FP), R8
	MOVQ entries+40(FP), R11
	MOVQ R13, DX
	SHLQ $2, DX

gather64:
	CMPQ    R13, $64
	JLT     gather16
	VMOVUPS 0(R9), Y0
	VMOVUPS 32(R9), Y1
	VMOVUPS 64(R9), Y2
	VMOVUPS 96(R9), Y3
	VMOVUPS 128(R9), Y4
	VMOVUPS 160(R9), Y5
	VMOVUPS 192(R9), Y6
	VMOVUPS 224(R9), Y7
	XORQ    AX, AX

gatherLoop64:
	PICK
	TAKE(0, Y0, Y9)
	TAKE(32, Y1, Y10)
	TAKE(64, Y2, Y11)
	TAKE(96, Y3, Y12)
	TAKE(128, Y4, Y9)
	TAKE(160, Y5, Y10)
	TAKE(192, Y6, Y11)
	TAKE(224, Y7, Y12)
	INCQ    AX
	CMPQ    AX, R11
	JLT     gatherLoop64

	VMOVUPS Y0, 0(R9)
	VMOVUPS Y1, 32(R9)
	VMOVUPS Y2, 64(R9)
	VMOVUPS Y3, 96(R9)
	VMOVUPS Y4, 128(R9)
	VMOVUPS Y5, 160(R9)
	VMOVUPS Y6, 192(R9)
	VMOVUPS Y7, 224(R9)
	ADDQ    $256, R9
	ADDQ    $256, BX
	SUBQ    $64, R13
	JMP     gather64

gather16:
	CMPQ    R13, $16
	JLT     gather8
	VMOVUPS 0(R9), Y0
	VMOVUPS 32(R9), Y1
	XORQ    AX, AX

gatherLoop16:
	PICK
	TAKE(0, Y0, Y9)
	TAKE(32, Y1, Y10)
	INCQ    AX
	CMPQ    AX, R11
	JLT     gatherLoop16
	VMOVUPS Y0, 0(R9)
	VMOVUPS Y1, 32(R9)
	ADDQ    $64, R9
	ADDQ    $64, BX
	SUBQ    $16, R13
	JMP     gather16

gather8:
	TESTQ      R13, R13
	JLE        gatherDone
	MASK(R13, AX, R12)
	VMASKMOVPS (R9), Y15, Y0
	XORQ       AX, AX

gatherLoop8:
	PICK
	VMASKMOVPS (R12), Y15, Y9
	VMULPS     Y9, Y8, Y9
	VADDPS     Y9, Y0, Y0
	INCQ       AX
	CMPQ       AX, R11
	JLT        gatherLoop8
	VMASKMOVPS Y0, Y15, (R9)
	ADDQ       $32, R9
	ADDQ       $32, BX
	SUBQ       $8, R13
	JMP        gather8

gatherDone:
	VZEROUPPER
	RET

#define GIVE(at, d, tmp) \
	VMULPS  d, Y8, tmp       \
	VADDPS  at(R12), tmp, tmp \
	VMOVUPS tmp, at(R12)

// func scatter(sum *float32, n int, d *float32, col *int32, val *float32, entries int)
//
// Registers as in gather, with d for y and sum for w.
TEXT ·scatter(SB), NOSPLIT, $0-48
	MOVQ sum+0(FP), BX
	MOVQ n+8(FP), R13
	MOVQ d+16(FP), R9
	MOVQ col+24(FP), SI
	MOVQ val+32(FP), R8
	MOVQ entries+40(FP), R11
	MOVQ R13, DX
	SHLQ $2, DX

scatter64:
	CMPQ    R13, $64
	JLT     scatter16
	VMOVUPS 0(R9), Y0
	VMOVUPS 32(R9), Y1
	VMOVUPS 64(R9), Y2
	VMOVUPS 96(R9), Y3
	VMOVUPS 128(R9), Y4
	VMOVUPS 160(R9), Y5
	VMOVUPS 192(R9), Y6
	VMOVUPS 224(R9), Y7
	XORQ    AX, AX

scatterLoop64:
	PICK
	GIVE(0, Y0, Y9)
	GIVE(32, Y1, Y10)
	GIVE(64, Y2, Y11)
	GIVE(96, Y3, Y12)
	GIVE(128, Y4, Y9)
	GIVE(160, Y5, Y10)
	GIVE(192, Y6, Y11)
	GIVE(224, Y7, Y12)
	INCQ    AX
	CMPQ    AX, R11
	JLT     scatterLoop64
	ADDQ    $256, R9
	ADDQ    $256, BX
	SUBQ    $64, R13
	JMP     scatter64

scatter16:
	CMPQ    R13, $16
	JLT     scatter8
	VMOVUPS 0(R9), Y0
	VMOVUPS 32(R9), Y1
	XORQ    AX, AX

scatterLoop16:
	PICK
	GIVE(0, Y0, Y9)
	GIVE(32, Y1, Y10)
	INCQ    AX
	CMPQ    AX, R11
	JLT     scatterLoop16
	ADDQ    $64, R9
	ADDQ    $64, BX
	SUBQ    $16, R13
	JMP     scatter16

scatter8:
	TESTQ      R13, R13
	JLE        scatterDone
	MASK(R13, AX, R12)
	VMASKMOVPS (R9), Y15, Y0
	XORQ       AX, AX

scatterLoop8:
	PICK
	VMASKMOVPS (R12), Y15, Y9
	VMULPS     Y0, Y8, Y10
	VADDPS     Y10, Y9, Y9
	VMASKMOVPS Y9, Y15, (R12)
	INCQ       AX
	CMPQ       AX, R11
	JLT        scatterLoop8
	ADDQ       $32, R9
	ADDQ       $32, BX
	SUBQ       $8, R13
	JMP        scatter8

scatterDone:
	VZEROUPPER
	RET

// func prefetchRows(rows *int32, n int, start *int, col *int32, val *float32)
//
// AX goes through a row's entries, sixteen (a line of the cache) at a time.
TEXT ·prefetchRows(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ start+16(FP), BX
	MOVQ col+24(FP), R8
	MOVQ val+32(FP), R9

prefetchRow:
	MOVLQSX (SI), DI
	ADDQ    $4, SI
	MOVQ    0(BX)(DI*8), AX
	MOVQ    8(BX)(DI*8), DX

prefetchLine:
	PREFETCHT0 (R8)(AX*4)
	PREFETCHT0 (R9)(AX*4)
	ADDQ       $16, AX
	CMPQ       AX, DX
	JLT        prefetchLine
	PREFETCHT0 -4(R8)(DX*4)
	PREFETCHT0 -4(R9)(DX*4)
	DECQ       CX
	JNZ        prefetchRow
	RET

// func axpy(y *float32, a float32, x *float32, lanes int)
TEXT ·axpy(SB), NOSPLIT, $0-32
	MOVQ         y+0(FP), DI
	VBROADCASTSS a+8(FP), Y0
	MOVQ         x+16(FP), SI
	MOVQ         lanes+24(FP), CX
	XORQ         AX, AX

axpyLoop:
	VMULPS  (SI)(AX*1), Y0, Y1
	VADDPS  (DI)(AX*1), Y1, Y1
	VMOVUPS Y1, (DI)(AX*1)
	ADDQ    $32, AX
	DECQ    CX
	JNZ     axpyLoop
	VZEROUPPER
	RET

// func relu(y, x *float32, lanes int)
TEXT ·relu(SB), NOSPLIT, $0-24
	MOVQ   y+0(FP), DI
	MOVQ   x+8(FP), SI
	MOVQ   lanes+16(FP), CX
	XORQ   AX, AX
	VXORPS Y0, Y0, Y0

reluLoop:
	VMOVUPS (SI)(AX*1), Y1
	VMAXPS  Y0, Y1, Y1 // 0 where x is NaN: the operand named first here
	VMOVUPS Y1, (DI)(AX*1)
	ADDQ    $32, AX
	DECQ    CX
	JNZ     reluLoop
	VZEROUPPER
	RET

// func reluBack(dx, dy, y *float32, lanes int)
TEXT ·reluBack(SB), NOSPLIT, $0-32
	MOVQ   dx+0(FP), DI
	MOVQ   dy+8(FP), SI
	MOVQ   y+16(FP), DX
	MOVQ   lanes+24(FP), CX
	XORQ   AX, AX
	VXORPS Y0, Y0, Y0

reluBackLoop:
	VCMPPS  $1, (DX)(AX*1), Y0, Y1 // 0 < y
	VANDPS  (SI)(AX*1), Y1, Y1
	VMOVUPS Y1, (DI)(AX*1)
	ADDQ    $32, AX
	DECQ    CX
	JNZ     reluBackLoop
	VZEROUPPER
	RET

#define HORNER(c, sum) \
	VMULPS       Y2, sum, sum \
	VBROADCASTSS c, Y5        \
	VADDPS       Y5, sum, sum

// func tanh(y, x *float32, lanes int)
TEXT ·tanh(SB), NOSPLIT, $0-24
	MOVQ         y+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         lanes+16(FP), CX
	XORQ         AX, AX
	VBROADCASTSS ·tanhEnd(SB), Y6
	VXORPS       Y7, Y7, Y7
	VSUBPS       Y6, Y7, Y7

tanhLoop:
	VMOVUPS      (SI)(AX*1), Y1
	VMINPS       Y6, Y1, Y1
	VMAXPS       Y7, Y1, Y1
	VMULPS       Y1, Y1, Y2
	VBROADCASTSS ·tanhOver+0(SB), Y3
	HORNER(·tanhOver+4(SB), Y3)
	HORNER(·tanhOver+8(SB), Y3)
	HORNER(·tanhOver+12(SB), Y3)
	HORNER(·tanhOver+16(SB), Y3)
	HORNER(·tanhOver+20(SB), Y3)
	HORNER(·tanhOver+24(SB), Y3)
	VBROADCASTSS ·tanhUnder+0(SB), Y4
	HORNER(·tanhUnder+4(SB), Y4)
	HORNER(·tanhUnder+8(SB), Y4)
	HORNER(·tanhUnder+12(SB), Y4)
	VMULPS       Y1, Y3, Y3
	VDIVPS       Y4, Y3, Y3
	VMOVUPS      Y3, (DI)(AX*1)
	ADDQ         $32, AX
	DECQ         CX
	JNZ          tanhLoop
	VZEROUPPER
	RET

// func adam(w, m, v, grad *float32, s *AdamStep, lanes int)
TEXT ·adam(SB), NOSPLIT, $0-48
	MOVQ         w+0(FP), DI
	MOVQ         m+8(FP), R8
	MOVQ         v+16(FP), R9
	MOVQ         grad+24(FP), SI
	MOVQ         s+32(FP), BX
	MOVQ         lanes+40(FP), CX
	VBROADCASTSS 0(BX), Y8   // Scale
	VBROADCASTSS 4(BX), Y9   // L2
	VBROADCASTSS 8(BX), Y10  // Beta1
	VBROADCASTSS 12(BX), Y11 // Rest1
	VBROADCASTSS 16(BX), Y12 // Beta2
	VBROADCASTSS 20(BX), Y13 // Rest2
	VBROADCASTSS 24(BX), Y14 // Rate
	VBROADCASTSS 28(BX), Y15 // Epsilon
	XORQ         AX, AX

adamLoop:
	VMOVUPS (DI)(AX*1), Y0
	VMULPS  (SI)(AX*1), Y8, Y1 // x = g·scale + l2·w
	VMULPS  Y0, Y9, Y2
	VADDPS  Y2, Y1, Y1
	VMULPS  (R8)(AX*1), Y10, Y2 // m
	VMULPS  Y1, Y11, Y3
	VADDPS  Y3, Y2, Y2
	VMOVUPS Y2, (R8)(AX*1)
	VMULPS  Y1, Y1, Y1          // v
	VMULPS  Y1, Y13, Y1
	VMULPS  (R9)(AX*1), Y12, Y3
	VADDPS  Y1, Y3, Y3
	VMOVUPS Y3, (R9)(AX*1)
	VSQRTPS Y3, Y3
	VADDPS  Y15, Y3, Y3
	VMULPS  Y14, Y2, Y2
	VDIVPS  Y3, Y2, Y2
	VSUBPS  Y2, Y0, Y0
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ    $32, AX
	DECQ    CX
	JNZ     adamLoop
	VZEROUPPER
	RET
