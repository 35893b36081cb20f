//! Message authentication codes of `HMAC_*` keys (FIPS 198-1).

use model::{
    Error, Process, Protect, Result, Usable,
    algorithm::{Hash, RawSpec},
    error::{Algorithm, Unauthentic},
};

use crate::{
    mac,
    material::Loaded,
    raw::{self, Wiped},
};

/// The code of a message, `hash.digest_len()` bytes. `hash` is the key's own; a raw AES key has none
/// and takes any, since some protocols make codes with one.
pub fn generate(
    key: Usable<'_, Protect>,
    loaded: &Loaded,
    hash: Hash,
    message: &[u8],
) -> Result<Vec<u8>> {
    let mut code = vec![0; hash.digest_len()];
    write_code(&key, loaded, hash, message, &mut code)?;
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
    let mut genuine = Wiped::<64>::zeroed();
    let genuine = &mut genuine.0[..hash.digest_len()];
    write_code(&key, loaded, hash, message, genuine)?;
    if mac::equal(genuine, code) { Ok(()) } else { Err(Error::NotAuthentic(Unauthentic::Mac)) }
}

fn write_code<D>(
    key: &Usable<'_, D>,
    loaded: &Loaded,
    hash: Hash,
    message: &[u8],
    code: &mut [u8],
) -> Result<()> {
    use RawSpec::{Aes128, Aes192, Aes256};
    loaded.cleared(key)?;
    let spec = loaded.spec();
    match (loaded.mac_key(), loaded.raw()) {
        (Some((prepared, of_key)), _) if of_key == hash => prepared.codes(&[message], code),
        (None, Some((Aes128 | Aes192 | Aes256, key))) => {
            raw::hmac(hash, key.expose(), message, code);
        }
        _ => return Err(Error::WrongAlgorithm { spec, algorithm: Algorithm::Mac(hash) }),
    }
    Ok(())
}
