//! A key in the encodings that are its algorithm's own (PKCS #1, ECPrivateKey), and in those of
//! others, who do not all write what [`Pkey::pkcs8`] and [`Pkey::spki`] write.

use std::{
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use aws_lc_sys as sys;
use model::{Result, algorithm::KeySpec};

use super::{Pkey, failed, guarded, parse, written};
use crate::{
    raw::{bignum::Number, check, in_secret_memory},
    secmem::Guarded,
};

/// DER's tags, as AWS-LC's builder takes them.
const SEQUENCE: u32 = 0x10 | 0x20 << 24;
const BIT_STRING: u32 = 3;

/// An RSA key of our own.
pub(super) struct Rsa(NonNull<sys::RSA>);

impl Drop for Rsa {
    fn drop(&mut self) {
        // SAFETY: owned since `of`.
        unsafe { sys::RSA_free(self.0.as_ptr()) }
    }
}

impl Rsa {
    /// Takes over what a maker of AWS-LC returned; null is its refusal.
    pub(super) fn of(made: *mut sys::RSA) -> Result<Self> {
        NonNull::new(made).map(Self).ok_or_else(failed)
    }

    /// As a key of any algorithm.
    pub(super) fn pkey(&self) -> Result<Pkey> {
        let key = Pkey::empty()?;
        // SAFETY: live keys; the new one takes a reference of its own.
        check(unsafe { sys::EVP_PKEY_set1_RSA(key.0.as_ptr(), self.0.as_ptr()) })?;
        Ok(key)
    }
}

/// A DSA key of our own.
pub(super) struct Dsa(NonNull<sys::DSA>);

impl Drop for Dsa {
    fn drop(&mut self) {
        // SAFETY: owned since `new`.
        unsafe { sys::DSA_free(self.0.as_ptr()) }
    }
}

impl Dsa {
    pub(super) fn new() -> Result<Self> {
        // SAFETY: of our own.
        NonNull::new(unsafe { sys::DSA_new() }).map(Self).ok_or_else(failed)
    }

    /// Sets p, q and g, which are the key's from then on.
    pub(super) fn set_domain(&self, p: Number, q: Number, g: Number) -> Result<()> {
        let [p, q, g] = [p, q, g].map(Number::into_raw);
        // SAFETY: live numbers that nobody else has; on success the key owns them.
        check(unsafe { sys::DSA_set0_pqg(self.0.as_ptr(), p, q, g) })
    }

    /// Sets the public key, and the private one if there is one.
    pub(super) fn set_key(&self, y: Number, x: Option<Number>) -> Result<()> {
        let (y, x) = (y.into_raw(), x.map_or(ptr::null_mut(), Number::into_raw));
        // SAFETY: live numbers that nobody else has, or null; on success the key owns them.
        check(unsafe { sys::DSA_set0_key(self.0.as_ptr(), y, x) })
    }

    /// As a key of any algorithm.
    pub(super) fn pkey(&self) -> Result<Pkey> {
        let key = Pkey::empty()?;
        // SAFETY: live keys; the new one takes a reference of its own.
        check(unsafe { sys::EVP_PKEY_set1_DSA(key.0.as_ptr(), self.0.as_ptr()) })?;
        Ok(key)
    }
}

/// A key on a curve of our own.
pub(super) struct EcKey(NonNull<sys::EC_KEY>);

impl Drop for EcKey {
    fn drop(&mut self) {
        // SAFETY: owned since `of`.
        unsafe { sys::EC_KEY_free(self.0.as_ptr()) }
    }
}

impl EcKey {
    /// Takes over what a maker of AWS-LC returned; null is its refusal.
    pub(super) fn of(made: *mut sys::EC_KEY) -> Result<Self> {
        NonNull::new(made).map(Self).ok_or_else(failed)
    }

    pub(super) fn at(&self) -> *mut sys::EC_KEY {
        self.0.as_ptr()
    }

    /// As a key of any algorithm.
    pub(super) fn pkey(&self) -> Result<Pkey> {
        let key = Pkey::empty()?;
        // SAFETY: live keys; the new one takes a reference of its own.
        check(unsafe { sys::EVP_PKEY_set1_EC_KEY(key.0.as_ptr(), self.at()) })?;
        key.named_and_whole()
    }
}

impl Pkey {
    fn empty() -> Result<Self> {
        // SAFETY: a key of our own, of no algorithm yet.
        NonNull::new(unsafe { sys::EVP_PKEY_new() }).map(Self).ok_or_else(failed)
    }

    /// The spec that this is a key of, if it is of any.
    pub(crate) fn spec(&self) -> Option<KeySpec> {
        KeySpec::ALL.iter().copied().find(|spec| self.is(*spec))
    }

    /// Parses a whole PKCS#8 PrivateKeyInfo (RFC 5958) however others write it.
    pub(crate) fn from_foreign_pkcs8(der: &[u8]) -> Result<Self> {
        in_secret_memory(|| {
            parse(der, sys::EVP_parse_private_key).ok_or_else(failed)?.named_and_whole()
        })
    }

    /// Parses a whole SubjectPublicKeyInfo (RFC 5280) however others write it, points on curves
    /// compressed or not.
    pub(crate) fn from_foreign_spki(der: &[u8]) -> Result<Self> {
        parse(der, sys::EVP_parse_public_key).ok_or_else(failed)?.named_and_whole()
    }

    /// Parses a whole RSAPrivateKey of two primes (RFC 8017, A.1.2), whose numbers are checked
    /// to belong together.
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self> {
        // SAFETY: pointer and length are a slice's; the key is our own.
        in_secret_memory(|| unsafe {
            Rsa::of(sys::RSA_private_key_from_bytes(der.as_ptr(), der.len()))?.pkey()
        })
    }

    /// Parses a whole RSAPublicKey (RFC 8017, A.1.1).
    pub(crate) fn from_public_pkcs1(der: &[u8]) -> Result<Self> {
        // SAFETY: pointer and length are a slice's; the key is our own.
        unsafe { Rsa::of(sys::RSA_public_key_from_bytes(der.as_ptr(), der.len()))?.pkey() }
    }

    /// Parses a whole ECPrivateKey that names its curve (RFC 5915). A public key in it is checked
    /// to be the private key's.
    pub(crate) fn from_ec_private_key(der: &[u8]) -> Result<Self> {
        in_secret_memory(|| {
            let mut cbs = MaybeUninit::<sys::CBS>::uninit();
            // SAFETY: the string is initialised from a slice that outlives it.
            let (key, left) = unsafe {
                sys::CBS_init(cbs.as_mut_ptr(), der.as_ptr(), der.len());
                let key = sys::EC_KEY_parse_private_key(cbs.as_mut_ptr(), ptr::null());
                (EcKey::of(key)?, sys::CBS_len(cbs.as_ptr()))
            };
            if left == 0 { key.pkey() } else { Err(failed()) }
        })
    }

    /// A key on a curve that will be written as [`Self::pkcs8`] and [`Self::spki`] write new
    /// ones: with its public key, and that uncompressed. AWS-LC would else do as it was read.
    fn named_and_whole(self) -> Result<Self> {
        if let Some(ec) = self.ec() {
            let uncompressed = sys::point_conversion_form_t::POINT_CONVERSION_UNCOMPRESSED;
            // SAFETY: a live key, which nobody else has yet.
            unsafe {
                sys::EC_KEY_set_conv_form(ec, uncompressed);
                sys::EC_KEY_set_enc_flags(ec, 0);
            }
        }
        Ok(self)
    }

    /// The key on a curve that this is, if it is one.
    pub(super) fn ec(&self) -> Option<*mut sys::EC_KEY> {
        let at = self.0.as_ptr();
        // SAFETY: a live key; the key on a curve lives as long.
        unsafe { (sys::EVP_PKEY_id(at) == sys::EVP_PKEY_EC).then(|| sys::EVP_PKEY_get0_EC_KEY(at)) }
    }

    /// The RSA key that this is, if it is one.
    pub(super) fn rsa(&self) -> Option<*mut sys::RSA> {
        let at = self.0.as_ptr();
        // SAFETY: a live key; the RSA key lives as long.
        unsafe { (sys::EVP_PKEY_id(at) == sys::EVP_PKEY_RSA).then(|| sys::EVP_PKEY_get0_RSA(at)) }
    }

    /// The DSA key that this is, if it is one.
    pub(super) fn dsa(&self) -> Option<*mut sys::DSA> {
        let at = self.0.as_ptr();
        // SAFETY: a live key; the DSA key lives as long.
        unsafe { (sys::EVP_PKEY_id(at) == sys::EVP_PKEY_DSA).then(|| sys::EVP_PKEY_get0_DSA(at)) }
    }

    /// The private key as an RSAPrivateKey (RFC 8017, A.1.2); `None` when it is not RSA.
    pub(crate) fn pkcs1(&self) -> Result<Option<Guarded>> {
        let Some(rsa) = self.rsa() else { return Ok(None) };
        // SAFETY: a live builder and a live key.
        guarded(|cbb| unsafe { sys::RSA_marshal_private_key(cbb, rsa) == 1 }).map(Some)
    }

    /// The public key as an RSAPublicKey (RFC 8017, A.1.1); `None` when it is not RSA.
    pub(crate) fn public_pkcs1(&self) -> Result<Option<Vec<u8>>> {
        let Some(rsa) = self.rsa() else { return Ok(None) };
        // SAFETY: a live builder and a live key.
        written(|cbb| unsafe { sys::RSA_marshal_public_key(cbb, rsa) == 1 }).map(Some)
    }

    /// The private key as an ECPrivateKey with its curve and public key (RFC 5915); `None` when
    /// it is on no curve.
    pub(crate) fn ec_private_key(&self) -> Result<Option<Guarded>> {
        let Some(ec) = self.ec() else { return Ok(None) };
        // SAFETY: a live builder and a live key.
        guarded(|cbb| unsafe { sys::EC_KEY_marshal_private_key(cbb, ec, 0) == 1 }).map(Some)
    }

    /// The public key as a SubjectPublicKeyInfo with a compressed point; `None` when it is on no
    /// curve.
    pub(crate) fn compressed_spki(&self) -> Result<Option<Vec<u8>>> {
        let Some(ec) = self.ec() else { return Ok(None) };
        let [mut spki, mut algorithm, mut point] = [MaybeUninit::<sys::CBB>::zeroed(); 3];
        let (spki, algorithm, point) =
            (spki.as_mut_ptr(), algorithm.as_mut_ptr(), point.as_mut_ptr());
        let compressed = sys::point_conversion_form_t::POINT_CONVERSION_COMPRESSED;
        // SAFETY: a live builder and a live key; the parts outlive the builder's use of them.
        written(|cbb| unsafe {
            let (group, public) = (sys::EC_KEY_get0_group(ec), sys::EC_KEY_get0_public_key(ec));
            sys::CBB_add_asn1(cbb, spki, SEQUENCE) == 1
                && sys::CBB_add_asn1(spki, algorithm, SEQUENCE) == 1
                && sys::OBJ_nid2cbb(algorithm, sys::NID_X9_62_id_ecPublicKey) == 1
                && sys::EC_KEY_marshal_curve_name(algorithm, group) == 1
                && sys::CBB_add_asn1(spki, point, BIT_STRING) == 1
                // No bits of the last byte are unused.
                && sys::CBB_add_u8(point, 0) == 1
                && sys::EC_POINT_point2cbb(point, group, public, compressed, ptr::null_mut()) == 1
                && sys::CBB_flush(cbb) == 1
        })
        .map(Some)
    }
}
