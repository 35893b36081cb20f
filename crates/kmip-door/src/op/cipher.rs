//! Encryption and decryption.

use engine::op::{DecryptWith, EncryptWith};
use kmip::{
    payload::{DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, Response},
    wire::Bytes,
};

use crate::{call::Call, failed::Failed, parameters, part};

/// `Encrypt`.
pub(crate) async fn encrypt(call: &Call<'_>, request: EncryptRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let done = call
        .perform(EncryptWith {
            object,
            how: parameters::encryption(request.cryptographic_parameters),
            part,
            plaintext: part::data(request.data, part)?,
            iv: request.iv_counter_nonce.map(|iv| iv.0),
            aad: request.additional_data.unwrap_or_default().0,
        })
        .await?;
    Ok(Response::Encrypt(Box::new(EncryptResponse {
        unique_identifier: call.about(&done.object),
        data: Some(Bytes(done.ciphertext)),
        iv_counter_nonce: done.iv.map(Bytes),
        correlation_value: part::correlation(done.stream),
        tag: done.tag.map(Bytes),
    })))
}

/// `Decrypt`.
pub(crate) async fn decrypt(call: &Call<'_>, request: DecryptRequest) -> Result<Response, Failed> {
    let object = call.object(request.unique_identifier.as_ref())?;
    let (init, last) = (request.init_indicator, request.final_indicator);
    let part = part::part(request.correlation_value.as_ref(), init, last)?;
    let done = call
        .perform(DecryptWith {
            object,
            how: parameters::encryption(request.cryptographic_parameters),
            part,
            ciphertext: part::open_data(request.data, part)?,
            iv: request.iv_counter_nonce.map(|iv| iv.0),
            aad: request.additional_data.unwrap_or_default().0,
            tag: request.tag.map(|tag| tag.0),
        })
        .await?;
    Ok(Response::Decrypt(Box::new(DecryptResponse {
        unique_identifier: call.about(&done.object),
        data: done.plaintext,
        correlation_value: part::correlation(done.stream),
    })))
}
