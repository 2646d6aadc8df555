#include "textflag.h"

// The twins are addSquaresPlain and addGapsPlain: eight lanes in Y0 and Y1, products
// rounded before they are added.

// func squares8(s *lanes, a, b *float64, eights int)
TEXT ·squares8(SB), NOSPLIT, $0-32
	MOVQ    s+0(FP), DI
	MOVQ    a+8(FP), SI
	MOVQ    b+16(FP), DX
	MOVQ    eights+24(FP), CX
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1

eight:
	VMOVUPD (SI), Y2
	VMOVUPD 32(SI), Y3
	VSUBPD  (DX), Y2, Y2
	VSUBPD  32(DX), Y3, Y3
	VMULPD  Y2, Y2, Y2
	VMULPD  Y3, Y3, Y3
	VADDPD  Y2, Y0, Y0
	VADDPD  Y3, Y1, Y1
	ADDQ    $64, SI
	ADDQ    $64, DX
	DECQ    CX
	JNZ     eight
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VZEROUPPER
	RET

// func gaps8(s *lanes, v, low, high *float64, eights int)
TEXT ·gaps8(SB), NOSPLIT, $0-40
	MOVQ    s+0(FP), DI
	MOVQ    v+8(FP), SI
	MOVQ    low+16(FP), DX
	MOVQ    high+24(FP), R8
	MOVQ    eights+32(FP), CX
	VMOVUPD (DI), Y0
	VMOVUPD 32(DI), Y1
	VXORPD  Y8, Y8, Y8

eight:
	VMOVUPD (SI), Y2
	VMOVUPD 32(SI), Y3
	VMOVUPD (DX), Y4
	VMOVUPD 32(DX), Y5
	VSUBPD  Y2, Y4, Y4     // low - v
	VSUBPD  Y3, Y5, Y5
	VSUBPD  (R8), Y2, Y2   // v - high
	VSUBPD  32(R8), Y3, Y3
	VMAXPD  Y4, Y2, Y2
	VMAXPD  Y5, Y3, Y3
	VMAXPD  Y8, Y2, Y2
	VMAXPD  Y8, Y3, Y3
	VMULPD  Y2, Y2, Y2
	VMULPD  Y3, Y3, Y3
	VADDPD  Y2, Y0, Y0
	VADDPD  Y3, Y1, Y1
	ADDQ    $64, SI
	ADDQ    $64, DX
	ADDQ    $64, R8
	DECQ    CX
	JNZ     eight
	VMOVUPD Y0, (DI)
	VMOVUPD Y1, 32(DI)
	VZEROUPPER
	RET
