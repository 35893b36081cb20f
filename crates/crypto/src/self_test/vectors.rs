//! Known answers: published ones where a standard gives them; the others were computed with other
//! implementations (OpenSSL and CPython's hashlib), for keys made for this purpose only.

/// Bytes from hexadecimal digits.
const fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let digits = digits.as_bytes();
    assert!(digits.len() == 2 * N);
    let mut bytes = [0; N];
    let mut i = 0;
    while i < digits.len() {
        let value = match digits[i] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit => digit - b'a' + 10,
        };
        bytes[i / 2] = bytes[i / 2] << 4 | value;
        i += 1;
    }
    bytes
}

/// FIPS 180-4 example: SHA1 of "abc".
pub(super) const SHA1: [u8; 20] = hex("a9993e364706816aba3e25717850c26c9cd0d89d");
/// FIPS 180-4 example: SHA224 of "abc".
pub(super) const SHA224: [u8; 28] = hex("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
/// FIPS 180-4 example: SHA256 of "abc".
pub(super) const SHA256: [u8; 32] =
    hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// FIPS 180-4 example: SHA384 of "abc".
pub(super) const SHA384: [u8; 48] =
    hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca1\
     34c825a7");
/// FIPS 180-4 example: SHA512 of "abc".
pub(super) const SHA512: [u8; 64] =
    hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23\
     a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
/// FIPS 202 example: SHA3-224 of "abc".
pub(super) const SHA3_224: [u8; 28] =
    hex("e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf");
/// FIPS 202 example: SHA3-256 of "abc".
pub(super) const SHA3_256: [u8; 32] =
    hex("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
/// FIPS 202 example: SHA3-384 of "abc".
pub(super) const SHA3_384: [u8; 48] =
    hex("ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf2\
     28376d25");
/// FIPS 202 example: SHA3-512 of "abc".
pub(super) const SHA3_512: [u8; 64] =
    hex("b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec576\
     47e3934057340b4cf408d5a56592f8274eec53f0");
/// RFC 4231, 4.3: key "Jefe".
pub(super) const HMAC_SHA224: [u8; 28] =
    hex("a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44");
/// RFC 4231, 4.3: key "Jefe".
pub(super) const HMAC_SHA256: [u8; 32] =
    hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
/// RFC 4231, 4.3: key "Jefe".
pub(super) const HMAC_SHA384: [u8; 48] =
    hex("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ec\
     fab21649");
/// RFC 4231, 4.3: key "Jefe".
pub(super) const HMAC_SHA512: [u8; 64] =
    hex("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65\
     f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
/// The same with SHA3-224.
pub(super) const HMAC_SHA3_224: [u8; 28] =
    hex("7fdb8dd88bd2f60d1b798634ad386811c2cfc85bfaf5d52bbace5e66");
/// The same with SHA3-256.
pub(super) const HMAC_SHA3_256: [u8; 32] =
    hex("c7d4072e788877ae3596bbb0da73b887c9171f93095b294ae857fbe2645e1ba5");
/// The same with SHA3-384.
pub(super) const HMAC_SHA3_384: [u8; 48] =
    hex("f1101f8cbf9766fd6764d2ed61903f21ca9b18f57cf3e1a23ca13508a93243ce48c045dc007f26a21b3f5e0e\
     9df4c20a");
/// The same with SHA3-512.
pub(super) const HMAC_SHA3_512: [u8; 64] =
    hex("5a4bfeab6166427c7a3647b747292b8384537cdb89afb3bf5665e4c5e709350b287baec921fd7ca0ee7a0c31\
     d022a95e1fc92ba9d77df883960275beb4e62024");
/// SP 800-108 counter mode: key 00..1f, "label", "context", 80 bytes.
pub(super) const KBKDF: [u8; 80] =
    hex("793c8c6322234b76061bb6be858d899cf6c2cf3a2cf075f22bed2b8a17d10ff1cd9a6cdfd6c0f4bcaea6f670\
     0b4decc8cb28a019968a859f4e2d4ec8c686dbd5a33e6943413e3db9b6c04a28022f936e");
/// RFC 5869, A.1.
pub(super) const HKDF: [u8; 42] =
    hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
/// GCM's test case 16 (McGrew and Viega).
pub(super) const GCM_KEY: [u8; 32] =
    hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
pub(super) const GCM_IV: [u8; 12] = hex("cafebabefacedbaddecaf888");
pub(super) const GCM_PLAIN: [u8; 60] =
    hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24\
     49a6b525b16aedf5aa0de657ba637b39");
pub(super) const GCM_AAD: [u8; 20] = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
pub(super) const GCM_SEALED: [u8; 76] =
    hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10\
     56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
/// RFC 3394, 4.6: the wrapping key is 00..1f.
pub(super) const KW_PLAIN: [u8; 32] =
    hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
pub(super) const KW_WRAPPED: [u8; 40] =
    hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
/// RFC 5649, 6: a wrapping key of 192 bits.
pub(super) const KWP_KEY: [u8; 24] = hex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
pub(super) const KWP_PLAIN: [u8; 20] = hex("c37b7e6492584340bed12207808941155068f738");
pub(super) const KWP_WRAPPED: [u8; 32] =
    hex("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
/// An RSA-2048 private key, PKCS#8.
pub(super) const RSA: &[u8] = include_bytes!("rsa2048.der");
/// The message of the signatures below.
pub(super) const MESSAGE: &[u8] = b"strongroom";
/// RSASSA-PKCS1-v1_5, deterministic.
pub(super) const RSA_PKCS1_SHA256: [u8; 256] =
    hex("04c05f7be0e1d6d2b710574bbdbe7ac3a81f0d8e37d27fb4b9592733376f14c96b59896a015f4c82ae6435cb\
     4386ce85b89a6bfe5603db14611e1af7f0079ee9945f3b812e233bf96508f1287be198f39dffac0e41b74833\
     ce7f46f25e15102911b67d6d6ce90d6e770554336e04bc52ec5cfb05845718182ace43ed3e03b55d37a76bf5\
     071f495f520b4c4c5739b8e01c879ee2e7cf137d291524e22711e0ac6c42f810dcd4cbd4c7a57d78f349baeb\
     949717d6688102236f5e8a25e851cb9e11605f055017f17a49a9a6b59d267c0bfb3d8d84f19af7fa96f8fce3\
     ddf4d37f96036d5cfdb33ae56de803f94a125e96af0317edcbab9e716f833abf388a2784");
/// RSASSA-PSS.
pub(super) const RSA_PSS_SHA256: [u8; 256] =
    hex("2d9d82f4a74bf0e4e3909085abfc47c540b12ac4079ee8bd4f3859e4dad87c0d69adcc968497441c9c6a3f08\
     ef1b9b9e4a5170578f9821726454fba60c09fcf18a9f1ea6dade465b36fb8966da6c495237a5278f47fb1bc1\
     fe55a80467bc71b7a74ec07a46f748faad962c414641a38211c890e447222aeb4c9bfc1c375b5692ce48043a\
     eaae7fe52b13b297de9a755d74117ce59ba761cc9939ef91d799fa8261de9e5382be6e0b489c3438973927d4\
     a48c99fa48cd6f2782873fd0e3da4be038150e6b6ca6d0ae1e15130698c1c32c9f50aeda15931ff728112306\
     690c1e39b1d6162265935d7010239c4440b3c938ff18d8272f7b1ba4affe5b204c9034a8");
pub(super) const RSA_PKCS1_SHA384: [u8; 256] =
    hex("954124d55e90979e9f360f2cfe86c2a06ce021997e1a8f36a6f96940e6886e5c93fc61c322466a9a7dfd26d7\
     445eab176248855b4fd7f60b1f6e733a13467e171feacab310671a52bb47b5d05a4893a6035de545cb1ad212\
     1109e1f0790626a632558d3b2c25950a19d117690d9ed6bd9492fb6ebaa97fe14d3bd7e8c6cb44ccbc5f0adf\
     69b116a3d326cd716f077c1257a9e61b7b7da5583b30de53227769bce5ccb746e0d9ff58f75fa613648298ab\
     809727f374f4cdcbe78f9162b1a5a7b1987311292cf5c726e0c7db9b23fae8d11348f764264fd027d336b5c8\
     a71c694fd336a94a3d781d54c99d3cb5edb3be392cb8fdfda25682a8aa4388a34c43487e");
pub(super) const RSA_PSS_SHA384: [u8; 256] =
    hex("69974e5894740b0d2252169f9a0d6204535dcf08773ee2222772f3d55191c26b9a603a07e6fab39daa1d0d23\
     ca26a206acb4482830d5348c48a0ac90c14b07651df77dc5b610544a261f44acf024e4b7d394e2f8169c106d\
     bf35ca2db532c1d9b742211027fe24756a3897944dc95ca6bdbfb363f1509638fa713168bc4deb580e9a9978\
     9a0bcbb7dba2c7ccda9ce02b18f6a89fcfa63db6c3733b536911779c1d863bf0b496e6cf933ab233c6533917\
     ab10da3b04e4cff2fdca6d411489d179883d212c3930b723496e860ff06442982526519d4028c4e9ffe03040\
     3258c0053b7352d1deafa8d683f783c24d102a8cc4f84bbe984dcf5e44be02a5273194c7");
pub(super) const RSA_PKCS1_SHA512: [u8; 256] =
    hex("829493c0237884d9af02f82a0e73404eabe6c4b4dff08e5827f4d191e35a9a57ee763f6fc5d9da8e4978b998\
     24a135bcde476598a4cc463f1db65ca7ef9f33f76a0706f32f8a5b69c5a8b8761ed17ef0a47089ecbd9ed2ce\
     a26d1c1343c7f02f1d735b4808233072e1fec53efe3942e33ab3693d3e2e02672cf7f567995611679b88d220\
     fe1894186987c733805755f0c2bf01495248015647f762a5d8c41f54b2b1b2f85b69dc4536443519342c5e0b\
     22de24f1ba21e03c67db7bcb4efa808efb6174db9d0e4fc3e0b1db06bd07c2cee0bbe3ea420606a76e1aa66e\
     e7f6bc29821991c89fe79198e970ba6f2da9091ec5cd6fb759e0165107a46d9600321b99");
pub(super) const RSA_PSS_SHA512: [u8; 256] =
    hex("b5a83be4b19411da5fd398789919e7a8b070a6aabd454f81d4dac80d112f0842ef7ce248c431c4c815fb95f5\
     59cb8cacb291ddccf41718c79af6d8b10196b18da847ba955c34b161a5787b84bc6bc3ddc9bb524d1990394e\
     4fa0e113c704ace6d37419bf7763f7f8fcf0fa4dc6eee8aaa59a254fdd3f0d107eeab0d427154bb19ba24b9b\
     d50154f43c99d6a56c109f9f6d1600d665d980b4378c15edf587b5b3cf90a2295174bec80c476e6b7ba8e548\
     e1902767676e753f3a1139c0830f8f3e6cd8d8f99921d3f26a0d006d139ad24f824a8c2269f631f358791f24\
     34d09acc5050b15cea2ea5090eb3d0fe8a82773746c36a0dedff51d7020010191a5afaa1");
/// RSAES-OAEP of the message.
pub(super) const RSA_OAEP_SHA1: [u8; 256] =
    hex("819fa519862b5f8c8a0f4b663a9f1fc68669cf8918d86dba7cc55307a9105bac80b53bf7852e2526666f49e7\
     c527c27889612e3dce369972d8640da624cd632b1c624ed1a7597ac2b3c668b125dfa402d35655c3a3832041\
     e8b1b0a0def3e9aa60c18cd3a522593bfd37042ac89180fbdcc5da71d9958bea032c7682e4557bbd8be72bff\
     0b01184d54515cdc25c837e47bca622fe9f3c5d3fbe23723bcccfa7e4e7f86ac2f2c5247a464f51538d95814\
     f66c6731de16296fa49b512fa713c9de4f387a084ec890969fa5da38b5e6d0fbf13639ef4ec67330d894f05f\
     c126ba3bcee02f57c610a51850a7f19d5cca13fa0c15fdde2a0f70e7412a91fc63b98377");
/// RSAES-OAEP of the message.
pub(super) const RSA_OAEP_SHA256: [u8; 256] =
    hex("571c87c8134d4bca7a31d084a4227ee6f8e724c6de5feda98746ff56eeace8561977ca1767c3d1d8d6f9cab2\
     c8ad154cbbc050e1bd50ee10d8055645cd8852fd31caae9e09152956d217332c7332e2b71b618877f912df41\
     e518debfe23f4ceab58f9867b39a7764e23044fe77843778d058f36fc206e8d35c9f12c46e6dd0b08d5bd322\
     4f8205d8ff84276f0f9c772415dc95d3e790025ebaef9edbb842a061c9ce5423f580aa037ec73f868a0311b9\
     b78c67d76d86c847db60c8ad69017742056c6687a9ede2500aaa69c704abe4bc206c7c6c49aca7979c1a0ca6\
     6dcb62131e062dc7b0f8b8c4026c793579550474b0940fd95b6ecd5f16373b8c7c031636");
/// A private key on P256, PKCS#8.
pub(super) const P256: [u8; 138] =
    hex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b02010104202f3ba53e9fa5551a\
     406befddbfd365dc08dfc5ba273c0187c6db94b4d07378f4a14403420004ebbe5c92e5d2ba12cd0b482652a1\
     b50080e812d1d37cd027a68125862984716de381c17c2d389d9e040b0cfb7489f7a85305b6a82cec616cb369\
     eac4ac349737");
pub(super) const P256_SIGNATURE: [u8; 71] =
    hex("304502205dcd6247b29c6275fe18138b30a81f4fe9d265d1daffbc755a3a3737b7cb9bf7022100ae78d9284e\
     ac7411829d6f8e6a4634fb0df8c3fb1eb0f146a90217bf976e6d3c");
/// Another party's public key, and the shared secret.
pub(super) const P256_PEER: [u8; 91] =
    hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004a26a00f30e2be2f572dee19c6e1dd0a55c\
     da05c3117cdae796fd12aa4b4ddd86271a6117d41e2b968ff739fa04a9eac566d7deee480ddce1c8a4a90a3d\
     711a5e");
pub(super) const P256_SHARED: [u8; 32] =
    hex("57a1699b6f3783115a2b821a78d539bc9c0302907017b17704134bee4584e349");
/// A private key on P384, PKCS#8.
pub(super) const P384: [u8; 185] =
    hex("3081b6020100301006072a8648ce3d020106052b8104002204819e30819b020101043078d8bc838a76ec5ca1\
     9de8bbe4d9ba9310017c01a30fc47cc21dabb91134105b189c7e8cfc9e90884e1d233e30805419a164036200\
     04cc104e368e45b57ec97c9541fa1bec55c86baac7c212a6f7213da3d523a66a219747dcbee1757d935160db\
     b01b6f7cf4a0b76b3a9e90f01eaea16996c5fae2d89302854b0a2e2d1e2a2dc06b781963cd369bd12f9b5d8c\
     d53c7d33036cf0e3f1");
pub(super) const P384_SIGNATURE: [u8; 102] =
    hex("306402300a1f7fbc97c23b9f36eafe01c361a180ffe220bb587d0cb6f2222e658a04aacf4e8c77d165962d5d\
     27c501f5a5b3831f02300482f77cfe909fa7bfea366346a27d685663b509404611b70356e31072ee5e306c29\
     77f3e287a781616730f06a0be32e");
/// Another party's public key, and the shared secret.
pub(super) const P384_PEER: [u8; 120] =
    hex("3076301006072a8648ce3d020106052b8104002203620004ae339172b921df25b121887f3b54a7c1d7282f80\
     0a5fd91f5b9fbe0e6a200dead62db2a8ca3177eccee2d610ba84639a250bde52da0e78cc526b220f87c2395e\
     b4192441c96b954f1ae2ce88c8de240fe8b1a3cac30290d01641a98f7e04ea44");
pub(super) const P384_SHARED: [u8; 48] =
    hex("a562435089eed98cd0c8673ff122393bd0bd968d6baef21a88c0c73a8990e2ba9424256cdccc854b210ea8b1\
     25b25ab6");
/// A private key on P521, PKCS#8.
pub(super) const P521: [u8; 241] =
    hex("3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442003d546ad216cedd9a\
     adcd00bbda4942721c28dc1df6a0a91d72cff6ad97d4f1ae4c386e3d32edb9ba798b50d82241fd9a698d4b42\
     f4899402f126ea68e9a30db913a18189038186000401784374b9f23d4a8dbf03aaefa572cd024480a5439f42\
     3bc4df123beaf7746d9198465a3a3ba8d4c0554e7a455e3ef4753cc4361118dc6081543245fb1d041ab9cd00\
     45596d986026d7dca27d2b41dbb98d4bed07d6c1593d28c9ce97a0059ebce1f6d8422f7a9d80771a499efdda\
     2126d7f614544eef7a116e70df70c9ed48fb880b71");
pub(super) const P521_SIGNATURE: [u8; 139] =
    hex("308188024200cb121a0ea3b11c688e96378b283e1d709ea38d7c385c08958f253c8e4f02dac89416b0e5825b\
     44d597f6a4b2d6bd33929dbeeff6e43b1248bb055c00e2b75ce9460242008a698b301b95081fb0d242bd72c9\
     8982df7114b79f4e1f05a564f27964e307cd1aa7e91e9cc19746f3ba63b29b2cc61c067de7901e3263313747\
     4ffc00b5fa49cc");
/// Another party's public key, and the shared secret.
pub(super) const P521_PEER: [u8; 158] =
    hex("30819b301006072a8648ce3d020106052b81040023038186000400437a57b678c2a6aaf8f4c3aa231a1511cf\
     2a127c0a98ca1ff59491bde672c3fc7638f53eb3dd2e2673b7bf4ac04c5fa1f3c042038f1bc34c866224910c\
     c611e7fd0160c8cdf4738c969c98d022b5d300ae095804f083a42859bf5715b19f48ced32a08bf508d105af8\
     27dd69094e150d7e3f18a0d6aa9279bf73b0b264ce1b06d0162e");
pub(super) const P521_SHARED: [u8; 66] =
    hex("005899cc2af79ee2b13e02219608ceb5a02a7bf1a4407bab004f2f4a30bfc3690e69f0d31318cf7096fbaf3f\
     c526598570a38cdda88fa16026240286ece637356915");
/// A private key on SECP256K1, PKCS#8.
pub(super) const SECP256K1: [u8; 135] =
    hex("308184020100301006072a8648ce3d020106052b8104000a046d306b0201010420198841b925e5ffcdf157c0\
     0d26ebe6d9237202a6532c5c3b5a704f25cb9f5e55a1440342000466ae6f41fc10eac0bde2cfb61c3ae751f5\
     91a3fe63842fd6199de9092afa0d3a7e68789897b1328dcc3d53b1cc5409091adb0054836641ef4348d787f2\
     41fced");
pub(super) const SECP256K1_SIGNATURE: [u8; 72] =
    hex("3046022100cf3706607bc55cbfe185d691f50c9d30ee243e3c0b0f2dc72abbbf88b363c11d022100e605076a\
     500e09bf9ea7a2795bc199e8aff1c39aef51e0ed30ec2735216393f1");
/// RFC 8032, 7.1, test 3, PKCS#8; the message is af82.
pub(super) const ED25519: [u8; 48] =
    hex("302e020100300506032b657004220420c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e\
     0b4458f7");
pub(super) const ED25519_SIGNATURE: [u8; 64] =
    hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760\
     984dc6594a7c15e9716ed28dc027beceea1ec40a");
/// RFC 8032, 7.3, PKCS#8; the message is "abc".
pub(super) const ED25519PH: [u8; 48] =
    hex("302e020100300506032b657004220420833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b9\
     6dca3d42");
pub(super) const ED25519PH_SIGNATURE: [u8; 64] =
    hex("98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d0\
     62adf5aaa10b8c61e636062aaad11c2a26083406");
/// An X25519 private key, PKCS#8.
pub(super) const X25519: [u8; 48] =
    hex("302e020100300506032b656e0422042077076d0a7318a57d3c16c17251b26645df4cbe6a9f8e1f2f6bd5b6a3\
     d0c0a1b0");
pub(super) const X25519_PEER: [u8; 44] =
    hex("302a300506032b656e032100a8622d5fa602f753f1acfb0c800aa550a089e116b46d3f575a5dd70b732f3f35");
pub(super) const X25519_SHARED: [u8; 32] =
    hex("1bbf33ca35fc76596a8c349fa328c3af6740317edbeb5c1561e95c3d090aac5a");
/// ML-DSA-44 from the seed 00..1f, PKCS#8 (RFC 9881), and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_DSA_44: [u8; 54] =
    hex("3034020100300b060960864801650304031104228020000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f");
pub(super) const ML_DSA_44_PUBLIC: [u8; 32] =
    hex("837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be");
/// A signature by the first of them.
pub(super) const ML_DSA_44_SIGNATURE: &[u8] = include_bytes!("mldsa44.sig");
/// ML-DSA-65 from the seed 00..1f, PKCS#8 (RFC 9881), and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_DSA_65: [u8; 54] =
    hex("3034020100300b060960864801650304031204228020000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f");
pub(super) const ML_DSA_65_PUBLIC: [u8; 32] =
    hex("b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d");
/// ML-DSA-87 from the seed 00..1f, PKCS#8 (RFC 9881), and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_DSA_87: [u8; 54] =
    hex("3034020100300b060960864801650304031304228020000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f");
pub(super) const ML_DSA_87_PUBLIC: [u8; 32] =
    hex("07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642");
/// ML-KEM-512 from the seed 00..3f, PKCS#8 (RFC 9935); the shared secret of an encapsulation of
/// 768 zeros,
/// which is rejected implicitly (FIPS 203, 6.3); and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_KEM_512: [u8; 86] =
    hex("3054020100300b060960864801650304040104428040000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
pub(super) const ML_KEM_512_REJECTED: [u8; 32] =
    hex("fc3ccf20a37dd91d9f511da5e6cb92039b1414db5b0880741178ccfb143212ff");
/// ML-KEM-768 from the seed 00..3f, PKCS#8 (RFC 9935); the shared secret of an encapsulation of
/// 1088 zeros,
/// which is rejected implicitly (FIPS 203, 6.3); and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_KEM_768: [u8; 86] =
    hex("3054020100300b060960864801650304040204428040000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
pub(super) const ML_KEM_768_REJECTED: [u8; 32] =
    hex("c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16");
pub(super) const ML_KEM_768_PUBLIC: [u8; 32] =
    hex("c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c");
/// ML-KEM-1024 from the seed 00..3f, PKCS#8 (RFC 9935); the shared secret of an encapsulation
/// of 1568 zeros,
/// which is rejected implicitly (FIPS 203, 6.3); and the SHA-256 of its SubjectPublicKeyInfo.
pub(super) const ML_KEM_1024: [u8; 86] =
    hex("3054020100300b060960864801650304040304428040000102030405060708090a0b0c0d0e0f101112131415\
     161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
pub(super) const ML_KEM_1024_REJECTED: [u8; 32] =
    hex("294cb5b6b0f37a047745a2a69991f66ac85936e1b077e717eaeb26bb0ba42c68");
pub(super) const ML_KEM_1024_PUBLIC: [u8; 32] =
    hex("d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420");
/// The sealed record "record" at "place", revision 7, key 42.., nonce 24..
pub(super) const SEALED_RECORD: [u8; 39] =
    hex("0124242424242424242424242424242424fdf3d3544881aa80400437b786d406918b175f9ba342");
/// The ciphertext of "plaintext": key 42.., key id 11.., material 22.., nonce 24.., {"name":
/// "value"}.
pub(super) const CIPHERTEXT: [u8; 74] =
    hex("0111111111111111111111111111111111222222222222222222222222222222222424242424242424242424\
     2424242424185b3d7f0d268fe9d358822a76ee371d96472b2719caa574fb");
/// RFC 2202, 3: key "Jefe".
pub(super) const HMAC_SHA1: [u8; 20] = hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
/// SP 800-38A, appendix F: the key of 128 bits.
pub(super) const MODES_KEY: [u8; 16] = hex("2b7e151628aed2a6abf7158809cf4f3c");
/// SP 800-38A, appendix F: the vector of all modes but CTR.
pub(super) const MODES_IV: [u8; 16] = hex("000102030405060708090a0b0c0d0e0f");
/// SP 800-38A, appendix F: the first counter block.
pub(super) const MODES_COUNTER: [u8; 16] = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
/// SP 800-38A, appendix F: the first two blocks of the plaintext.
pub(super) const MODES_PLAIN: [u8; 32] =
    hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
/// SP 800-38A, F.1.1.
pub(super) const ECB: [u8; 32] =
    hex("3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf");
/// SP 800-38A, F.2.1.
pub(super) const CBC: [u8; 32] =
    hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
/// SP 800-38A, F.3.13.
pub(super) const CFB: [u8; 32] =
    hex("3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b");
/// SP 800-38A, F.4.1.
pub(super) const OFB: [u8; 32] =
    hex("3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825");
/// SP 800-38A, F.5.1.
pub(super) const CTR: [u8; 32] =
    hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
/// The specification of GCM, test case 2, of key, vector and plaintext of zeros: ciphertext, tag.
pub(super) const GCM_ZEROS: ([u8; 16], [u8; 16]) =
    (hex("0388dace60b6a392f328c2b971b2fe78"), hex("ab6e47d42cec13bdf53a67b21257bddf"));
/// NIST CAVP, TCBCMMT3, 0: key, vector, plaintext, ciphertext.
pub(super) const TDES: ([u8; 24], [u8; 8], [u8; 8], [u8; 8]) = (
    hex("b5cb1504802326c73df186e3e352a20de643b0d63ee30e37"),
    hex("43f791134c5647ba"),
    hex("dcc153cef81d6f24"),
    hex("92538bd8af18d3ba"),
);
/// RFC 8439, A.1, 1: the start of the stream of key and nonce of zeros.
pub(super) const CHACHA20: [u8; 64] =
    hex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03f\
     b8d84a376a43b8f41518a11cc387b669b2ee6586");
/// RFC 8439, 2.8.2: nonce, additional data, tag. The key counts up from 0x80.
pub(super) const POLY1305: ([u8; 12], [u8; 12], [u8; 16]) = (
    hex("070000004041424344454647"),
    hex("50515253c0c1c2c3c4c5c6c7"),
    hex("1ae10b594f09e26a7e902ecbd0600691"),
);
/// RFC 8439, 2.8.2: the plaintext.
pub(super) const POLY1305_PLAIN: &[u8; 114] =
    b"Ladies and Gentlemen of the class of '99: If I could \
    offer you only one tip for the future, sunscreen would be it.";
/// RFC 8439, 2.8.2: the ciphertext.
pub(super) const POLY1305_CIPHERTEXT: [u8; 114] =
    hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69\
     da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585\
     808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116");
