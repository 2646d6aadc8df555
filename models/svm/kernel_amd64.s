#include "textflag.h"

// func products8(dst *float64, groups int, start, col *int32, val, line *float64)
//
// Eight sums side by side in Y0 and Y1; products are rounded before they are added.
TEXT ·products8(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ groups+8(FP), CX
	MOVQ start+16(FP), SI
	MOVQ col+24(FP), R8
	MOVQ val+32(FP), R9
	MOVQ line+40(FP), R10
	MOVLQSX (SI), AX        // the entry
	MOVQ AX, DX
	SHLQ $6, DX
	ADDQ R9, DX             // its eight numbers

group:
	MOVLQSX 4(SI), BX       // the first entry of the next group
	VXORPD  Y0, Y0, Y0
	VXORPD  Y1, Y1, Y1
	CMPQ    AX, BX
	JGE     store

entry:
	MOVLQSX      (R8)(AX*4), R11
	VBROADCASTSD (R10)(R11*8), Y2
	VMULPD       (DX), Y2, Y3
	VMULPD       32(DX), Y2, Y4
	VADDPD       Y3, Y0, Y0
	VADDPD       Y4, Y1, Y1
	ADDQ         $64, DX
	INCQ         AX
	CMPQ         AX, BX
	JLT          entry

store:
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	ADDQ    $64, DI
	ADDQ    $4, SI
	DECQ    CX
	JNZ     group
	VZEROUPPER
	RET

// func gauss4(d *float64, fours int, gamma float64, powers *uint64, constants *[9]float64)
//
// The lines of gaussPlain, one after the other, for four numbers at a time.
TEXT ·gauss4(SB), NOSPLIT, $0-40
	MOVQ d+0(FP), DI
	MOVQ fours+8(FP), CX
	VBROADCASTSD gamma+16(FP), Y15
	MOVQ powers+24(FP), SI
	MOVQ constants+32(FP), R8
	VBROADCASTSD 0(R8), Y14  // -700
	VBROADCASTSD 8(R8), Y13  // 128/ln 2
	VBROADCASTSD 16(R8), Y12 // shift
	VBROADCASTSD 24(R8), Y11 // high
	VBROADCASTSD 32(R8), Y10 // low
	VXORPD Y9, Y9, Y9

loop:
	VMOVUPD (DI), Y0
	VMULPD  Y15, Y0, Y0      // v = -γ d
	VMAXPD  Y14, Y0, Y0      // NaN becomes -700
	VMINPD  Y9, Y0, Y0
	VMULPD  Y13, Y0, Y1
	VADDPD  Y12, Y1, Y1      // k, n in its bits
	VPSLLQ  $57, Y1, Y2
	VPSRLQ  $57, Y2, Y2      // n % 128
	VPCMPEQQ Y3, Y3, Y3
	VXORPD  Y4, Y4, Y4
	VGATHERQPD Y3, (SI)(Y2*8), Y4
	VPSLLQ  $45, Y1, Y2
	VPADDQ  Y2, Y4, Y4       // scale
	VSUBPD  Y12, Y1, Y1      // k
	VMULPD  Y11, Y1, Y2
	VSUBPD  Y2, Y0, Y0
	VMULPD  Y10, Y1, Y2
	VSUBPD  Y2, Y0, Y0       // r
	VMULPD  Y0, Y0, Y1       // s
	VBROADCASTSD 48(R8), Y3
	VMULPD  Y3, Y0, Y2       // r/6
	VBROADCASTSD 40(R8), Y3
	VADDPD  Y3, Y2, Y2
	VMULPD  Y2, Y1, Y2       // s (1/2 + r/6)
	VADDPD  Y2, Y0, Y2
	VBROADCASTSD 64(R8), Y3
	VMULPD  Y3, Y0, Y0       // r/120
	VBROADCASTSD 56(R8), Y3
	VADDPD  Y3, Y0, Y0
	VMULPD  Y1, Y1, Y1
	VMULPD  Y0, Y1, Y0
	VADDPD  Y0, Y2, Y2       // e
	VMULPD  Y4, Y2, Y2
	VADDPD  Y2, Y4, Y4
	VMOVUPD Y4, (DI)
	ADDQ    $32, DI
	DECQ    CX
	JNZ     loop
	VZEROUPPER
	RET
