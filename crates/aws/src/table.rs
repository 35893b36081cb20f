//! The operations of the API: every name that `X-Amz-Target` may bear, and the file that does it.

use bytes::Bytes;

use crate::{call::Call, error::Refusal, wire};

macro_rules! operations {
    ($($name:literal => $run:path),+ $(,)?) => {
        /// Every operation's name.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$($name),+];

        /// The name of an operation, if `name` is one's.
        pub(crate) fn find(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some($name),)+
                _ => None,
            }
        }

        /// Runs the operation of that name.
        pub(crate) async fn run(name: &'static str, call: Call<'_>) -> Result<Bytes, Refusal> {
            match name {
                // Boxed, so that a connection does not carry room for the largest of them all.
                $($name => Box::pin($run(call)).await,)+
                _ => Err(Refusal::unknown_operation()),
            }
        }
    };
}

operations! {
    "Encrypt" => wire::encrypt::run,
    "Decrypt" => wire::decrypt::run,
    "ReEncrypt" => wire::re_encrypt::run,
    "GenerateDataKey" => wire::data_key::with_plaintext,
    "GenerateDataKeyWithoutPlaintext" => wire::data_key::without_plaintext,
    "GenerateDataKeyPair" => wire::data_key_pair::with_plaintext,
    "GenerateDataKeyPairWithoutPlaintext" => wire::data_key_pair::without_plaintext,
    "GenerateRandom" => wire::random::run,
    "Sign" => wire::sign::sign,
    "Verify" => wire::sign::verify,
    "GenerateMac" => wire::mac::generate,
    "VerifyMac" => wire::mac::verify,
    "DeriveSharedSecret" => wire::agreement::run,
    "Encapsulate" => wire::encapsulation::encapsulate,
    "Decapsulate" => wire::encapsulation::decapsulate,
    "GetPublicKey" => wire::public_key::run,
    "CreateKey" => wire::create_key::run,
    "DescribeKey" => wire::metadata::describe,
    "UpdateKeyDescription" => wire::metadata::update_description,
    "EnableKey" => wire::suspension::enable,
    "DisableKey" => wire::suspension::disable,
    "ScheduleKeyDeletion" => wire::deletion::schedule,
    "CancelKeyDeletion" => wire::deletion::cancel,
    "ListKeys" => wire::keys::run,
    "EnableKeyRotation" => wire::rotation::enable,
    "DisableKeyRotation" => wire::rotation::disable,
    "GetKeyRotationStatus" => wire::rotation::status,
    "ListKeyRotations" => wire::rotation::list,
    "RotateKeyOnDemand" => wire::rotation::on_demand,
    "CreateAlias" => wire::alias::create,
    "UpdateAlias" => wire::alias::update,
    "DeleteAlias" => wire::alias::delete,
    "ListAliases" => wire::alias::list,
    "TagResource" => wire::tag::tag,
    "UntagResource" => wire::tag::untag,
    "ListResourceTags" => wire::tag::list,
    "GetKeyPolicy" => wire::key_policy::read,
    "PutKeyPolicy" => wire::key_policy::put,
    "ListKeyPolicies" => wire::key_policy::list,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_named_once() {
        let mut names = NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 39);
    }
}
