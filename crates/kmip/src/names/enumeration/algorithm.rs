//! What is done with keys: algorithms, modes, curves, hashes and their kin.

use super::{enumeration, mask};

enumeration! {
    /// Cryptographic Algorithm (1.4 section 9.1.3.2.13, 2.1 section 11.12).
    CryptographicAlgorithm on [CRYPTOGRAPHIC_ALGORITHM] {
        DES = 0x1, "DES";
        DES3 = 0x2, "DES3";
        AES = 0x3, "AES";
        RSA = 0x4, "RSA";
        DSA = 0x5, "DSA";
        ECDSA = 0x6, "ECDSA";
        HMAC_SHA1 = 0x7, "HMAC_SHA1";
        HMAC_SHA224 = 0x8, "HMAC_SHA224";
        HMAC_SHA256 = 0x9, "HMAC_SHA256";
        HMAC_SHA384 = 0xa, "HMAC_SHA384";
        HMAC_SHA512 = 0xb, "HMAC_SHA512";
        HMAC_MD5 = 0xc, "HMAC_MD5";
        DH = 0xd, "DH";
        ECDH = 0xe, "ECDH";
        ECMQV = 0xf, "ECMQV";
        BLOWFISH = 0x10, "Blowfish";
        CAMELLIA = 0x11, "Camellia";
        CAST5 = 0x12, "CAST5";
        IDEA = 0x13, "IDEA";
        MARS = 0x14, "MARS";
        RC2 = 0x15, "RC2";
        RC4 = 0x16, "RC4";
        RC5 = 0x17, "RC5";
        SKIPJACK = 0x18, "SKIPJACK";
        TWOFISH = 0x19, "Twofish";
        EC = 0x1a, "EC";
        ONE_TIME_PAD = 0x1b, "OneTimePad";
        CHACHA20 = 0x1c, "ChaCha20";
        POLY1305 = 0x1d, "Poly1305";
        CHACHA20POLY1305 = 0x1e, "ChaCha20Poly1305";
        SHA3_224 = 0x1f, "SHA3_224";
        SHA3_256 = 0x20, "SHA3_256";
        SHA3_384 = 0x21, "SHA3_384";
        SHA3_512 = 0x22, "SHA3_512";
        HMAC_SHA3_224 = 0x23, "HMAC_SHA3_224";
        HMAC_SHA3_256 = 0x24, "HMAC_SHA3_256";
        HMAC_SHA3_384 = 0x25, "HMAC_SHA3_384";
        HMAC_SHA3_512 = 0x26, "HMAC_SHA3_512";
        SHAKE_128 = 0x27, "SHAKE_128";
        SHAKE_256 = 0x28, "SHAKE_256";
        ARIA = 0x29, "ARIA";
        SEED = 0x2a, "SEED";
        SM2 = 0x2b, "SM2";
        SM3 = 0x2c, "SM3";
        SM4 = 0x2d, "SM4";
        GOST_R_34_10_2012 = 0x2e, "GOSTR34_10_2012";
        GOST_R_34_11_2012 = 0x2f, "GOSTR34_11_2012";
        GOST_R_34_13_2015 = 0x30, "GOSTR34_13_2015";
        GOST_28147_89 = 0x31, "GOST28147_89";
        XMSS = 0x32, "XMSS";
        SPHINCS_256 = 0x33, "SPHINCS_256";
        MCELIECE = 0x34, "McEliece";
        MCELIECE_6960119 = 0x35, "McEliece_6960119";
        MCELIECE_8192128 = 0x36, "McEliece_8192128";
        ED25519 = 0x37, "Ed25519";
        ED448 = 0x38, "Ed448";
    } also {
    }
}

enumeration! {
    /// Block Cipher Mode (1.4 section 9.1.3.2.14, 2.1 section 11.6).
    BlockCipherMode on [BLOCK_CIPHER_MODE] {
        CBC = 0x1, "CBC";
        ECB = 0x2, "ECB";
        PCBC = 0x3, "PCBC";
        CFB = 0x4, "CFB";
        OFB = 0x5, "OFB";
        CTR = 0x6, "CTR";
        CMAC = 0x7, "CMAC";
        CCM = 0x8, "CCM";
        GCM = 0x9, "GCM";
        CBC_MAC = 0xa, "CBC_MAC";
        XTS = 0xb, "XTS";
        AESKEYWRAPPADDING = 0xc, "AESKeyWrapPadding";
        NISTKEYWRAP = 0xd, "NISTKeyWrap";
        X9_102_AESKW = 0xe, "X9_102AESKW";
        X9_102_TDKW = 0xf, "X9_102TDKW";
        X9_102_AKW1 = 0x10, "X9_102AKW1";
        X9_102_AKW2 = 0x11, "X9_102AKW2";
        AEAD = 0x12, "AEAD";
    } also {
    }
}

enumeration! {
    /// Padding Method (1.4 section 9.1.3.2.15, 2.1 section 11.37).
    PaddingMethod on [PADDING_METHOD] {
        NONE = 0x1, "None";
        OAEP = 0x2, "OAEP";
        PKCS5 = 0x3, "PKCS5";
        SSL3 = 0x4, "SSL3";
        ZEROS = 0x5, "Zeros";
        ANSI_X9_23 = 0x6, "ANSIX9_23";
        ISO_10126 = 0x7, "ISO10126";
        PKCS1_V1_5 = 0x8, "PKCS1V1_5";
        X9_31 = 0x9, "X9_31";
        PSS = 0xa, "PSS";
    } also {
    }
}

enumeration! {
    /// Hashing Algorithm (1.4 section 9.1.3.2.16, 2.1 section 11.21).
    HashingAlgorithm on [HASHING_ALGORITHM, MASK_GENERATOR_HASHING_ALGORITHM] {
        MD2 = 0x1, "MD2";
        MD4 = 0x2, "MD4";
        MD5 = 0x3, "MD5";
        SHA_1 = 0x4, "SHA_1";
        SHA_224 = 0x5, "SHA_224";
        SHA_256 = 0x6, "SHA_256";
        SHA_384 = 0x7, "SHA_384";
        SHA_512 = 0x8, "SHA_512";
        RIPEMD_160 = 0x9, "RIPEMD_160";
        TIGER = 0xa, "Tiger";
        WHIRLPOOL = 0xb, "Whirlpool";
        SHA_512_224 = 0xc, "SHA_512_224";
        SHA_512_256 = 0xd, "SHA_512_256";
        SHA3_224 = 0xe, "SHA3_224";
        SHA3_256 = 0xf, "SHA3_256";
        SHA3_384 = 0x10, "SHA3_384";
        SHA3_512 = 0x11, "SHA3_512";
    } also {
        "SHA_3_224" = 0xe;
        "SHA_3_256" = 0xf;
        "SHA_3_384" = 0x10;
        "SHA_3_512" = 0x11;
    }
}

enumeration! {
    /// Mask Generator (1.4 section 9.1.3.2.49, 2.1 section 11.30).
    MaskGenerator on [MASK_GENERATOR] {
        MGF1 = 0x1, "MGF1";
    } also {
        "MFG1" = 0x1;
    }
}

enumeration! {
    /// Digital Signature Algorithm (1.4 section 9.1.3.2.7, 2.1 section 11.16).
    DigitalSignatureAlgorithm on [DIGITAL_SIGNATURE_ALGORITHM] {
        MD2_WITH_RSA_ENCRYPTION = 0x1, "MD2WithRSAEncryption";
        MD5_WITH_RSA_ENCRYPTION = 0x2, "MD5WithRSAEncryption";
        SHA_1_WITH_RSA_ENCRYPTION = 0x3, "SHA_1WithRSAEncryption";
        SHA_224_WITH_RSA_ENCRYPTION = 0x4, "SHA_224WithRSAEncryption";
        SHA_256_WITH_RSA_ENCRYPTION = 0x5, "SHA_256WithRSAEncryption";
        SHA_384_WITH_RSA_ENCRYPTION = 0x6, "SHA_384WithRSAEncryption";
        SHA_512_WITH_RSA_ENCRYPTION = 0x7, "SHA_512WithRSAEncryption";
        RSASSA_PSS = 0x8, "RSASSA_PSS";
        DSA_WITH_SHA_1 = 0x9, "DSAWithSHA_1";
        DSA_WITH_SHA224 = 0xa, "DSAWithSHA224";
        DSA_WITH_SHA256 = 0xb, "DSAWithSHA256";
        ECDSA_WITH_SHA_1 = 0xc, "ECDSAWithSHA_1";
        ECDSA_WITH_SHA224 = 0xd, "ECDSAWithSHA224";
        ECDSA_WITH_SHA256 = 0xe, "ECDSAWithSHA256";
        ECDSA_WITH_SHA384 = 0xf, "ECDSAWithSHA384";
        ECDSA_WITH_SHA512 = 0x10, "ECDSAWithSHA512";
        SHA3_256_WITH_RSA_ENCRYPTION = 0x11, "SHA3_256WithRSAEncryption";
        SHA3_384_WITH_RSA_ENCRYPTION = 0x12, "SHA3_384WithRSAEncryption";
        SHA3_512_WITH_RSA_ENCRYPTION = 0x13, "SHA3_512WithRSAEncryption";
    } also {
        "MD5WithRSAEncryptionPKCS_1V1_5" = 0x2;
        "SHA_1WithRSAEncryptionPKCS_1V1_5" = 0x3;
        "SHA_224WithRSAEncryptionPKCS_1V1_5" = 0x4;
        "SHA_256WithRSAEncryptionPKCS_1V1_5" = 0x5;
        "SHA_384WithRSAEncryptionPKCS_1V1_5" = 0x6;
        "SHA_512WithRSAEncryptionPKCS_1V1_5" = 0x7;
    }
}

enumeration! {
    /// Recommended Curve (1.4 section 9.1.3.2.5, 2.1 section 11.45).
    RecommendedCurve on [RECOMMENDED_CURVE] {
        P_192 = 0x1, "P_192";
        K_163 = 0x2, "K_163";
        B_163 = 0x3, "B_163";
        P_224 = 0x4, "P_224";
        K_233 = 0x5, "K_233";
        B_233 = 0x6, "B_233";
        P_256 = 0x7, "P_256";
        K_283 = 0x8, "K_283";
        B_283 = 0x9, "B_283";
        P_384 = 0xa, "P_384";
        K_409 = 0xb, "K_409";
        B_409 = 0xc, "B_409";
        P_521 = 0xd, "P_521";
        K_571 = 0xe, "K_571";
        B_571 = 0xf, "B_571";
        SECP112R1 = 0x10, "SECP112R1";
        SECP112R2 = 0x11, "SECP112R2";
        SECP128R1 = 0x12, "SECP128R1";
        SECP128R2 = 0x13, "SECP128R2";
        SECP160K1 = 0x14, "SECP160K1";
        SECP160R1 = 0x15, "SECP160R1";
        SECP160R2 = 0x16, "SECP160R2";
        SECP192K1 = 0x17, "SECP192K1";
        SECP224K1 = 0x18, "SECP224K1";
        SECP256K1 = 0x19, "SECP256K1";
        SECT113R1 = 0x1a, "SECT113R1";
        SECT113R2 = 0x1b, "SECT113R2";
        SECT131R1 = 0x1c, "SECT131R1";
        SECT131R2 = 0x1d, "SECT131R2";
        SECT163R1 = 0x1e, "SECT163R1";
        SECT193R1 = 0x1f, "SECT193R1";
        SECT193R2 = 0x20, "SECT193R2";
        SECT239K1 = 0x21, "SECT239K1";
        ANSIX9P192V2 = 0x22, "ANSIX9P192V2";
        ANSIX9P192V3 = 0x23, "ANSIX9P192V3";
        ANSIX9P239V1 = 0x24, "ANSIX9P239V1";
        ANSIX9P239V2 = 0x25, "ANSIX9P239V2";
        ANSIX9P239V3 = 0x26, "ANSIX9P239V3";
        ANSIX9C2PNB163V1 = 0x27, "ANSIX9C2PNB163V1";
        ANSIX9C2PNB163V2 = 0x28, "ANSIX9C2PNB163V2";
        ANSIX9C2PNB163V3 = 0x29, "ANSIX9C2PNB163V3";
        ANSIX9C2PNB176V1 = 0x2a, "ANSIX9C2PNB176V1";
        ANSIX9C2TNB191V1 = 0x2b, "ANSIX9C2TNB191V1";
        ANSIX9C2TNB191V2 = 0x2c, "ANSIX9C2TNB191V2";
        ANSIX9C2TNB191V3 = 0x2d, "ANSIX9C2TNB191V3";
        ANSIX9C2PNB208W1 = 0x2e, "ANSIX9C2PNB208W1";
        ANSIX9C2TNB239V1 = 0x2f, "ANSIX9C2TNB239V1";
        ANSIX9C2TNB239V2 = 0x30, "ANSIX9C2TNB239V2";
        ANSIX9C2TNB239V3 = 0x31, "ANSIX9C2TNB239V3";
        ANSIX9C2PNB272W1 = 0x32, "ANSIX9C2PNB272W1";
        ANSIX9C2PNB304W1 = 0x33, "ANSIX9C2PNB304W1";
        ANSIX9C2TNB359V1 = 0x34, "ANSIX9C2TNB359V1";
        ANSIX9C2PNB368W1 = 0x35, "ANSIX9C2PNB368W1";
        ANSIX9C2TNB431R1 = 0x36, "ANSIX9C2TNB431R1";
        BRAINPOOLP160R1 = 0x37, "BRAINPOOLP160R1";
        BRAINPOOLP160T1 = 0x38, "BRAINPOOLP160T1";
        BRAINPOOLP192R1 = 0x39, "BRAINPOOLP192R1";
        BRAINPOOLP192T1 = 0x3a, "BRAINPOOLP192T1";
        BRAINPOOLP224R1 = 0x3b, "BRAINPOOLP224R1";
        BRAINPOOLP224T1 = 0x3c, "BRAINPOOLP224T1";
        BRAINPOOLP256R1 = 0x3d, "BRAINPOOLP256R1";
        BRAINPOOLP256T1 = 0x3e, "BRAINPOOLP256T1";
        BRAINPOOLP320R1 = 0x3f, "BRAINPOOLP320R1";
        BRAINPOOLP320T1 = 0x40, "BRAINPOOLP320T1";
        BRAINPOOLP384R1 = 0x41, "BRAINPOOLP384R1";
        BRAINPOOLP384T1 = 0x42, "BRAINPOOLP384T1";
        BRAINPOOLP512R1 = 0x43, "BRAINPOOLP512R1";
        BRAINPOOLP512T1 = 0x44, "BRAINPOOLP512T1";
        CURVE25519 = 0x45, "CURVE25519";
        CURVE448 = 0x46, "CURVE448";
    } also {
    }
}

enumeration! {
    /// Derivation Method (1.4 section 9.1.3.2.21, 2.1 section 11.14).
    DerivationMethod on [DERIVATION_METHOD] {
        PBKDF2 = 0x1, "PBKDF2";
        HASH = 0x2, "HASH";
        HMAC = 0x3, "HMAC";
        ENCRYPT = 0x4, "ENCRYPT";
        NIST800_108_C = 0x5, "NIST800_108_C";
        NIST800_108_F = 0x6, "NIST800_108_F";
        NIST800_108_DPI = 0x7, "NIST800_108_DPI";
        ASYMMETRIC_KEY = 0x8, "AsymmetricKey";
        AWS_SIGNATURE_VERSION_4 = 0x9, "AWSSignatureVersion4";
        HKDF = 0xa, "HKDF";
    } also {
    }
}

enumeration! {
    /// RNG Algorithm (1.4 section 9.1.3.2.37, 2.1 section 11.49).
    RngAlgorithm on [RNG_ALGORITHM] {
        UNSPECIFIED = 0x1, "Unspecified";
        FIPS_186_2 = 0x2, "FIPS186_2";
        DRBG = 0x3, "DRBG";
        NRBG = 0x4, "NRBG";
        ANSI_X9_31 = 0x5, "ANSIX9_31";
        ANSI_X9_62 = 0x6, "ANSIX9_62";
    } also {
    }
}

enumeration! {
    /// DRBG Algorithm (1.4 section 9.1.3.2.38, 2.1 section 11.17).
    DrbgAlgorithm on [DRBG_ALGORITHM] {
        UNSPECIFIED = 0x1, "Unspecified";
        DUAL_EC = 0x2, "Dual_EC";
        HASH = 0x3, "Hash";
        HMAC = 0x4, "HMAC";
        CTR = 0x5, "CTR";
    } also {
    }
}

enumeration! {
    /// FIPS186 Variation (1.4 section 9.1.3.2.39, 2.1 section 11.20).
    Fips186Variation on [FIPS186_VARIATION] {
        UNSPECIFIED = 0x1, "Unspecified";
        GP_X_ORIGINAL = 0x2, "GPXOriginal";
        GP_X_CHANGE_NOTICE = 0x3, "GPXChangeNotice";
        X_ORIGINAL = 0x4, "XOriginal";
        X_CHANGE_NOTICE = 0x5, "XChangeNotice";
        K_ORIGINAL = 0x6, "KOriginal";
        K_CHANGE_NOTICE = 0x7, "KChangeNotice";
    } also {
    }
}

enumeration! {
    /// RNG Mode (1.4 section 9.1.3.2.46, 2.1 section 11.50).
    RngMode on [RNG_MODE] {
        UNSPECIFIED = 0x1, "Unspecified";
        SHARED_INSTANTIATION = 0x2, "SharedInstantiation";
        NON_SHARED_INSTANTIATION = 0x3, "NonSharedInstantiation";
    } also {
    }
}

enumeration! {
    /// Wrapping Method (1.4 section 9.1.3.2.4, 2.1 section 11.62).
    WrappingMethod on [WRAPPING_METHOD] {
        ENCRYPT = 0x1, "Encrypt";
        MAC_SIGN = 0x2, "MACSign";
        ENCRYPT_THEN_MAC_SIGN = 0x3, "EncryptThenMACSign";
        MAC_SIGN_THEN_ENCRYPT = 0x4, "MACSignThenEncrypt";
        TR_31 = 0x5, "TR_31";
    } also {
    }
}

enumeration! {
    /// Encoding Option (1.4 section 9.1.3.2.32, 2.1 section 11.18).
    EncodingOption on [ENCODING_OPTION] {
        NO_ENCODING = 0x1, "NoEncoding";
        TTLV_ENCODING = 0x2, "TTLVEncoding";
    } also {
    }
}

enumeration! {
    /// Key Wrap Type (1.4 section 9.1.3.2.48, 2.1 section 11.29).
    KeyWrapType on [KEY_WRAP_TYPE] {
        NOT_WRAPPED = 0x1, "NotWrapped";
        AS_REGISTERED = 0x2, "AsRegistered";
    } also {
    }
}

enumeration! {
    /// Unwrap Mode (1.4 section 9.1.3.2.43, 2.1 section 11.59).
    UnwrapMode on [UNWRAP_MODE] {
        UNSPECIFIED = 0x1, "Unspecified";
        PROCESSED = 0x2, "Processed";
        NOT_PROCESSED = 0x3, "NotProcessed";
    } also {
    }
}

enumeration! {
    /// Split Key Method (1.4 section 9.1.3.2.8, 2.1 section 11.54).
    SplitKeyMethod on [SPLIT_KEY_METHOD] {
        XOR = 0x1, "XOR";
        POLYNOMIAL_SHARING_GF_2_16 = 0x2, "PolynomialSharingGF2_16";
        POLYNOMIAL_SHARING_PRIME_FIELD = 0x3, "PolynomialSharingPrimeField";
        POLYNOMIAL_SHARING_GF_2_8 = 0x4, "PolynomialSharingGF2_8";
    } also {
    }
}

enumeration! {
    /// Shredding Algorithm (1.4 section 9.1.3.2.45, 2.1 section 11.53).
    ShreddingAlgorithm on [SHREDDING_ALGORITHM] {
        UNSPECIFIED = 0x1, "Unspecified";
        CRYPTOGRAPHIC = 0x2, "Cryptographic";
        UNSUPPORTED = 0x3, "Unsupported";
    } also {
    }
}

mask! {
    /// Cryptographic Usage Mask (1.4 section 9.1.3.3.1, 2.1 section 12.1).
    CryptographicUsageMask on [CRYPTOGRAPHIC_USAGE_MASK] {
        SIGN = 0x1, "Sign";
        VERIFY = 0x2, "Verify";
        ENCRYPT = 0x4, "Encrypt";
        DECRYPT = 0x8, "Decrypt";
        WRAP_KEY = 0x10, "WrapKey";
        UNWRAP_KEY = 0x20, "UnwrapKey";
        EXPORT = 0x40, "Export";
        MAC_GENERATE = 0x80, "MACGenerate";
        MAC_VERIFY = 0x100, "MACVerify";
        DERIVE_KEY = 0x200, "DeriveKey";
        CONTENT_COMMITMENT = 0x400, "ContentCommitment";
        KEY_AGREEMENT = 0x800, "KeyAgreement";
        CERTIFICATE_SIGN = 0x1000, "CertificateSign";
        CRL_SIGN = 0x2000, "CRLSign";
        GENERATE_CRYPTOGRAM = 0x4000, "GenerateCryptogram";
        VALIDATE_CRYPTOGRAM = 0x8000, "ValidateCryptogram";
        TRANSLATE_ENCRYPT = 0x10000, "TranslateEncrypt";
        TRANSLATE_DECRYPT = 0x20000, "TranslateDecrypt";
        TRANSLATE_WRAP = 0x40000, "TranslateWrap";
        TRANSLATE_UNWRAP = 0x80000, "TranslateUnwrap";
        AUTHENTICATE = 0x100000, "Authenticate";
        UNRESTRICTED = 0x200000, "Unrestricted";
        FPE_ENCRYPT = 0x400000, "FPEEncrypt";
        FPE_DECRYPT = 0x800000, "FPEDecrypt";
    } also {
    }
}
