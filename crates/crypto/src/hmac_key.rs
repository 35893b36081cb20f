//! Message authentication codes of `HMAC_*` keys (FIPS 198-1).

use model::{
    Error, Process, Protect, Result, Usable,
    algorithm::Hash,
    error::{Algorithm, Unauthentic},
};

use crate::{
    mac::{self, PreparedKey},
    material::Loaded,
    raw::Wiped,
};

/// The code of a message, `hash.digest_len()` bytes. `hash` is the key's own.
pub fn generate(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    hash: Hash,
    message: &[u8],
) -> Result<Vec<u8>> {
    let prepared = mac_key(&key, loaded, hash)?;
    let mut code = vec![0; hash.digest_len()];
    prepared.codes(&[message], &mut code);
    Ok(code)
}

/// Verifies a whole code, in constant time; another is [`Unauthentic::Mac`].
pub fn verify(
    key: Usable<'_, Process>,
    loaded: &Loaded,
    hash: Hash,
    message: &[u8],
    code: &[u8],
) -> Result<()> {
    let prepared = mac_key(&key, loaded, hash)?;
    let mut genuine = Wiped::<64>::zeroed();
    let genuine = &mut genuine.0[..hash.digest_len()];
    prepared.codes(&[message], genuine);
    if mac::equal(genuine, code) { Ok(()) } else { Err(Error::NotAuthentic(Unauthentic::Mac)) }
}

fn mac_key<'l, D>(key: &Usable<'_, D>, loaded: &'l Loaded, hash: Hash) -> Result<&'l PreparedKey> {
    loaded.cleared(key)?;
    let spec = loaded.spec();
    match loaded.mac_key() {
        Some((prepared, of_key)) if of_key == hash => Ok(prepared),
        _ => Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Mac(hash) }),
    }
}
