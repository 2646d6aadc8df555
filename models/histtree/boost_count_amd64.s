#include "textflag.h"

// The twins are in boost_count_other.go. SSE2 is there on every amd64 processor. A
// cell is added in one step: a register holds it; a page is 4096 bytes, a cell 16. Rows
// go in turn to the pages at DI and at R12, for an addition waits for the one before to
// the same cell, and flows have long runs of one value.

// ADD4 adds the cell in X to those of the four codes in AX, of the pages at P.
#define ADD4(P, X) \
	MOVBLZX AL, R8             \
	MOVBLZX AH, BX             \
	SHRL    $16, AX            \
	SHLL    $4, R8             \
	SHLL    $4, BX             \
	MOVBLZX AL, R9             \
	MOVBLZX AH, CX             \
	SHLL    $4, R9             \
	SHLL    $4, CX             \
	MOVOU   (P)(R8*1), X1      \
	MOVOU   4096(P)(BX*1), X2  \
	MOVOU   8192(P)(R9*1), X3  \
	MOVOU   12288(P)(CX*1), X4 \
	PADDQ   X, X1              \
	PADDQ   X, X2              \
	PADDQ   X, X3              \
	PADDQ   X, X4              \
	MOVOU   X1, (P)(R8*1)      \
	MOVOU   X2, 4096(P)(BX*1)  \
	MOVOU   X3, 8192(P)(R9*1)  \
	MOVOU   X4, 12288(P)(CX*1)

// func countAll4(h, spare *[4]page, words []uint32, cells []cell)
TEXT ·countAll4(SB), NOSPLIT, $0-64
	MOVQ h+0(FP), DI
	MOVQ spare+8(FP), R12
	MOVQ words_base+16(FP), SI
	MOVQ cells_base+40(FP), DX
	MOVQ cells_len+48(FP), R10
	SUBQ $2, R10
	JL   last

loop:
	MOVL  (SI), AX
	MOVOU (DX), X0
	ADD4(DI, X0)
	MOVL  4(SI), AX
	MOVOU 16(DX), X5
	ADD4(R12, X5)
	ADDQ  $8, SI
	ADDQ  $32, DX
	SUBQ  $2, R10
	JGE   loop

last:
	ADDQ  $2, R10
	JZ    done
	MOVL  (SI), AX
	MOVOU (DX), X0
	ADD4(DI, X0)

done:
	RET

// func countSome4(h, spare *[4]page, words, idx []uint32, cells []cell)
TEXT ·countSome4(SB), NOSPLIT, $0-88
	MOVQ h+0(FP), DI
	MOVQ spare+8(FP), R12
	MOVQ words_base+16(FP), SI
	MOVQ idx_base+40(FP), R11
	MOVQ idx_len+48(FP), R10
	MOVQ cells_base+64(FP), DX
	SUBQ $2, R10
	JL   last

loop:
	MOVL  (R11), AX
	MOVL  (SI)(AX*4), AX
	MOVOU (DX), X0
	ADD4(DI, X0)
	MOVL  4(R11), AX
	MOVL  (SI)(AX*4), AX
	MOVOU 16(DX), X5
	ADD4(R12, X5)
	ADDQ  $8, R11
	ADDQ  $32, DX
	SUBQ  $2, R10
	JGE   loop

last:
	ADDQ  $2, R10
	JZ    done
	MOVL  (R11), AX
	MOVL  (SI)(AX*4), AX
	MOVOU (DX), X0
	ADD4(DI, X0)

done:
	RET
