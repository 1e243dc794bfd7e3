#include "textflag.h"

// func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int
//
// Sixteen places at once, four times a round, with what each amd64 processor
// has (SSE2).
TEXT ·scan(SB), NOSPLIT, $0-64
	MOVQ a+0(FP), SI
	MOVQ b+8(FP), DI
	MOVQ n+16(FP), CX
	MOVQ pa+24(FP), X8
	MOVQ fa+32(FP), X9
	MOVQ pb+40(FP), X10
	MOVQ fb+48(FP), X11
	PUNPCKLQDQ X8, X8
	PUNPCKLQDQ X9, X9
	PUNPCKLQDQ X10, X10
	PUNPCKLQDQ X11, X11
	XORQ AX, AX

round:
	CMPQ AX, CX
	JGE  done
	MOVOU (SI)(AX*1), X0
	MOVOU 16(SI)(AX*1), X1
	MOVOU 32(SI)(AX*1), X2
	MOVOU 48(SI)(AX*1), X3
	POR   X9, X0
	POR   X9, X1
	POR   X9, X2
	POR   X9, X3
	PCMPEQB X8, X0
	PCMPEQB X8, X1
	PCMPEQB X8, X2
	PCMPEQB X8, X3
	MOVOU (DI)(AX*1), X4
	MOVOU 16(DI)(AX*1), X5
	MOVOU 32(DI)(AX*1), X6
	MOVOU 48(DI)(AX*1), X7
	POR   X11, X4
	POR   X11, X5
	POR   X11, X6
	POR   X11, X7
	PCMPEQB X10, X4
	PCMPEQB X10, X5
	PCMPEQB X10, X6
	PCMPEQB X10, X7
	PAND  X4, X0
	PAND  X5, X1
	PAND  X6, X2
	PAND  X7, X3
	MOVO  X0, X4
	MOVO  X2, X5
	POR   X1, X4
	POR   X3, X5
	POR   X5, X4
	PMOVMSKB X4, DX
	TESTL DX, DX
	JNZ   found
	ADDQ  $64, AX
	JMP   round

found:
	PMOVMSKB X0, R8
	PMOVMSKB X1, R9
	PMOVMSKB X2, R10
	PMOVMSKB X3, R11
	SHLQ $16, R9
	SHLQ $32, R10
	SHLQ $48, R11
	ORQ  R9, R8
	ORQ  R11, R10
	ORQ  R10, R8
	BSFQ R8, R8
	ADDQ R8, AX

done:
	MOVQ AX, ret+56(FP)
	RET

// func tally(data *byte, rounds int, a, b, c uint64) (na, nb, nc int)
//
// A round is sixteen bytes. Bytes count up to 255, so after 252 rounds at most
// they are added up.
TEXT ·tally(SB), NOSPLIT, $0-64
	MOVQ data+0(FP), SI
	MOVQ rounds+8(FP), CX
	MOVQ a+16(FP), X8
	MOVQ b+24(FP), X9
	MOVQ c+32(FP), X10
	PUNPCKLQDQ X8, X8
	PUNPCKLQDQ X9, X9
	PUNPCKLQDQ X10, X10
	PXOR X7, X7
	PXOR X11, X11
	PXOR X12, X12
	PXOR X13, X13

some:
	TESTQ CX, CX
	JZ    all
	MOVQ  $252, DX
	CMPQ  CX, DX
	CMOVQLT CX, DX
	SUBQ  DX, CX
	PXOR  X4, X4
	PXOR  X5, X5
	PXOR  X6, X6

one:
	MOVOU (SI), X0
	MOVO  X0, X1
	MOVO  X0, X2
	PCMPEQB X8, X0
	PCMPEQB X9, X1
	PCMPEQB X10, X2
	PSUBB X0, X4
	PSUBB X1, X5
	PSUBB X2, X6
	ADDQ  $16, SI
	DECQ  DX
	JNZ   one
	PSADBW X7, X4
	PSADBW X7, X5
	PSADBW X7, X6
	PADDQ X4, X11
	PADDQ X5, X12
	PADDQ X6, X13
	JMP   some

all:
	MOVHLPS X11, X0
	MOVHLPS X12, X1
	MOVHLPS X13, X2
	PADDQ X11, X0
	PADDQ X12, X1
	PADDQ X13, X2
	MOVQ X0, na+40(FP)
	MOVQ X1, nb+48(FP)
	MOVQ X2, nc+56(FP)
	RET
