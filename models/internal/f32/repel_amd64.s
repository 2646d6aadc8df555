#include "textflag.h"

DATA one<>+0(SB)/4, $1.0
GLOBL one<>(SB), RODATA|NOPTR, $4

// func repel(z, fx, fy, x, y *float32, lanes int, bodies *Body, n int)
//
// Eight points at a time (Y0, Y1) meet all bodies; Y2, Y3, Y4 are their sums.
TEXT ·repel(SB), NOSPLIT, $0-64
	MOVQ z+0(FP), R8
	MOVQ fx+8(FP), R9
	MOVQ fy+16(FP), R10
	MOVQ x+24(FP), R11
	MOVQ y+32(FP), R12
	MOVQ lanes+40(FP), CX
	VBROADCASTSS one<>(SB), Y9
	XORQ DI, DI

points:
	MOVQ    bodies+48(FP), SI
	MOVQ    n+56(FP), DX
	VMOVUPS (R11)(DI*1), Y0
	VMOVUPS (R12)(DI*1), Y1
	VMOVUPS (R8)(DI*1), Y2
	VMOVUPS (R9)(DI*1), Y3
	VMOVUPS (R10)(DI*1), Y4

body:
	VBROADCASTSS 0(SI), Y5
	VBROADCASTSS 4(SI), Y6
	VBROADCASTSS 8(SI), Y8
	VSUBPS Y5, Y0, Y5 // dx
	VSUBPS Y6, Y1, Y6 // dy
	VMULPS Y5, Y5, Y7
	VMULPS Y6, Y6, Y10
	VADDPS Y10, Y7, Y7
	VADDPS Y9, Y7, Y7
	VDIVPS Y7, Y9, Y7 // q
	VMULPS Y7, Y8, Y8
	VADDPS Y8, Y2, Y2
	VMULPS Y7, Y8, Y8 // mass·q²
	VMULPS Y5, Y8, Y5
	VMULPS Y6, Y8, Y6
	VADDPS Y5, Y3, Y3
	VADDPS Y6, Y4, Y4
	ADDQ   $12, SI
	DECQ   DX
	JNZ    body

	VMOVUPS Y2, (R8)(DI*1)
	VMOVUPS Y3, (R9)(DI*1)
	VMOVUPS Y4, (R10)(DI*1)
	ADDQ    $32, DI
	DECQ    CX
	JNZ     points
	VZEROUPPER
	RET

DATA three<>+0(SB)/4, $3.0
GLOBL three<>(SB), RODATA|NOPTR, $4

// func repelFar(z, fx, fy, x, y *float32, lanes int, clusters *Cluster, n int)
//
// As repel; clusters are 24 bytes each.
TEXT ·repelFar(SB), NOSPLIT, $0-64
	MOVQ z+0(FP), R8
	MOVQ fx+8(FP), R9
	MOVQ fy+16(FP), R10
	MOVQ x+24(FP), R11
	MOVQ y+32(FP), R12
	MOVQ lanes+40(FP), CX
	VBROADCASTSS one<>(SB), Y15
	VBROADCASTSS three<>(SB), Y14
	XORQ DI, DI

points:
	MOVQ    clusters+48(FP), SI
	MOVQ    n+56(FP), DX
	VMOVUPS (R11)(DI*1), Y0
	VMOVUPS (R12)(DI*1), Y1
	VMOVUPS (R8)(DI*1), Y2
	VMOVUPS (R9)(DI*1), Y3
	VMOVUPS (R10)(DI*1), Y4

cluster:
	VBROADCASTSS 0(SI), Y5
	VBROADCASTSS 4(SI), Y6
	VSUBPS Y5, Y0, Y5   // dx
	VSUBPS Y6, Y1, Y6   // dy
	VMULPS Y5, Y5, Y7
	VMULPS Y6, Y6, Y8
	VADDPS Y8, Y7, Y7
	VADDPS Y15, Y7, Y7
	VDIVPS Y7, Y15, Y7  // q
	VBROADCASTSS 12(SI), Y8  // XX
	VBROADCASTSS 16(SI), Y9  // XY
	VBROADCASTSS 20(SI), Y10 // YY
	VMULPS Y5, Y8, Y11
	VMULPS Y6, Y9, Y12
	VADDPS Y12, Y11, Y11 // u
	VMULPS Y5, Y9, Y9
	VMULPS Y6, Y10, Y12
	VADDPS Y12, Y9, Y12  // v
	VADDPS Y10, Y8, Y8   // t
	VMULPS Y5, Y11, Y9
	VMULPS Y6, Y12, Y10
	VADDPS Y10, Y9, Y9   // dᵀSd
	VADDPS Y7, Y7, Y10
	VADDPS Y10, Y10, Y10 // 4q
	VMULPS Y9, Y10, Y9   // h
	VMULPS Y7, Y7, Y13   // q²
	VMULPS Y13, Y10, Y10 // w
	VMULPS Y10, Y11, Y11 // w·u
	VMULPS Y10, Y12, Y12 // w·v
	VSUBPS Y8, Y9, Y10
	VMULPS Y13, Y10, Y10 // q²(h - t)
	VMULPS Y9, Y14, Y9
	VADDPS Y8, Y8, Y8
	VSUBPS Y8, Y9, Y9    // 3h - 2t
	VMULPS Y7, Y9, Y9
	VBROADCASTSS 8(SI), Y8 // mass
	VMULPS Y8, Y7, Y7
	VADDPS Y10, Y7, Y7
	VADDPS Y7, Y2, Y2
	VADDPS Y9, Y8, Y8
	VMULPS Y13, Y8, Y8   // m
	VMULPS Y5, Y8, Y5
	VSUBPS Y11, Y5, Y5
	VADDPS Y5, Y3, Y3
	VMULPS Y6, Y8, Y6
	VSUBPS Y12, Y6, Y6
	VADDPS Y6, Y4, Y4
	ADDQ   $24, SI
	DECQ   DX
	JNZ    cluster

	VMOVUPS Y2, (R8)(DI*1)
	VMOVUPS Y3, (R9)(DI*1)
	VMOVUPS Y4, (R10)(DI*1)
	ADDQ    $32, DI
	DECQ    CX
	JNZ     points
	VZEROUPPER
	RET
