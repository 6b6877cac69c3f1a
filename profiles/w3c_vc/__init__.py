"""The sentences of VCDM 2.0, Bitstring Status List and VC-JOSE-COSE as requirements."""
