//! What can be asked for: the names that policies speak of and the audit log records.

macro_rules! actions {
    ($($(#[$meta:meta])* $variant:ident = $code:literal $name:literal),+ $(,)?) => {
        /// An action. `kms:*` where AWS has the operation, `strongroom:*` where it does not.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Action { $($(#[$meta])* $variant),+ }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name, e.g. `kms:Encrypt`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The canonical number, stable for ever, below 128.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The action of a canonical number.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

actions! {
    /// Make a key.
    CreateKey = 1 "kms:CreateKey",
    /// Read a key's attributes.
    DescribeKey = 2 "kms:DescribeKey",
    /// List the keys of an account and region.
    ListKeys = 3 "kms:ListKeys",
    /// Change a key's description.
    UpdateKeyDescription = 4 "kms:UpdateKeyDescription",
    /// Lift a suspension.
    EnableKey = 5 "kms:EnableKey",
    /// Suspend a key.
    DisableKey = 6 "kms:DisableKey",
    /// Set the date of a key's destruction.
    ScheduleKeyDeletion = 7 "kms:ScheduleKeyDeletion",
    /// Take that date back.
    CancelKeyDeletion = 8 "kms:CancelKeyDeletion",
    /// Give a key an alias.
    CreateAlias = 9 "kms:CreateAlias",
    /// Point an alias at another key.
    UpdateAlias = 10 "kms:UpdateAlias",
    /// Remove an alias.
    DeleteAlias = 11 "kms:DeleteAlias",
    /// List aliases.
    ListAliases = 12 "kms:ListAliases",
    /// Set tags on a key.
    TagResource = 13 "kms:TagResource",
    /// Remove tags from a key.
    UntagResource = 14 "kms:UntagResource",
    /// List the tags of a key.
    ListResourceTags = 15 "kms:ListResourceTags",
    /// Read a key policy.
    GetKeyPolicy = 16 "kms:GetKeyPolicy",
    /// Replace a key policy.
    PutKeyPolicy = 17 "kms:PutKeyPolicy",
    /// List the names of a key's policies.
    ListKeyPolicies = 18 "kms:ListKeyPolicies",
    /// Encrypt.
    Encrypt = 19 "kms:Encrypt",
    /// Decrypt.
    Decrypt = 20 "kms:Decrypt",
    /// Decrypt in order to encrypt under another key.
    ReEncryptFrom = 21 "kms:ReEncryptFrom",
    /// Encrypt what another key decrypted.
    ReEncryptTo = 22 "kms:ReEncryptTo",
    /// Make a data key.
    GenerateDataKey = 23 "kms:GenerateDataKey",
    /// Make a data key, encrypted only.
    GenerateDataKeyWithoutPlaintext = 24 "kms:GenerateDataKeyWithoutPlaintext",
    /// Make a data key pair.
    GenerateDataKeyPair = 25 "kms:GenerateDataKeyPair",
    /// Make a data key pair, its private key encrypted only.
    GenerateDataKeyPairWithoutPlaintext = 26 "kms:GenerateDataKeyPairWithoutPlaintext",
    /// Random bytes.
    GenerateRandom = 27 "kms:GenerateRandom",
    /// Read a public key.
    GetPublicKey = 28 "kms:GetPublicKey",
    /// Sign.
    Sign = 29 "kms:Sign",
    /// Verify a signature.
    Verify = 30 "kms:Verify",
    /// Make a message authentication code.
    GenerateMac = 31 "kms:GenerateMac",
    /// Verify a message authentication code.
    VerifyMac = 32 "kms:VerifyMac",
    /// Have a key rotated from time to time.
    EnableKeyRotation = 48 "kms:EnableKeyRotation",
    /// Have a key no longer rotated by itself.
    DisableKeyRotation = 49 "kms:DisableKeyRotation",
    /// Read when a key is rotated.
    GetKeyRotationStatus = 50 "kms:GetKeyRotationStatus",
    /// List a key's versions, and how each came to be the current one.
    ListKeyRotations = 51 "kms:ListKeyRotations",
    /// Rotate a key now.
    RotateKeyOnDemand = 52 "kms:RotateKeyOnDemand",
    /// Agree on a shared secret.
    DeriveSharedSecret = 60 "kms:DeriveSharedSecret",
    /// Make a shared secret and encapsulate it.
    Encapsulate = 61 "kms:Encapsulate",
    /// Recover a shared secret that was encapsulated.
    Decapsulate = 62 "kms:Decapsulate",
    /// Read when and how a key was last used.
    GetKeyLastUsage = 63 "kms:GetKeyLastUsage",
    /// Make a principal.
    CreatePrincipal = 64 "strongroom:CreatePrincipal",
    /// List principals.
    ListPrincipals = 65 "strongroom:ListPrincipals",
    /// Remove a principal and its credentials.
    DeletePrincipal = 66 "strongroom:DeletePrincipal",
    /// Replace a principal's policies.
    PutPrincipalPolicy = 67 "strongroom:PutPrincipalPolicy",
    /// Read a principal's policies.
    GetPrincipalPolicy = 68 "strongroom:GetPrincipalPolicy",
    /// Make an access key.
    CreateAccessKey = 69 "strongroom:CreateAccessKey",
    /// List access keys.
    ListAccessKeys = 70 "strongroom:ListAccessKeys",
    /// Remove an access key.
    DeleteAccessKey = 71 "strongroom:DeleteAccessKey",
    /// Seal the server.
    Seal = 72 "strongroom:Seal",
    /// Replace the root key.
    RotateRootKey = 73 "strongroom:RotateRootKey",
    /// Read the audit log.
    ReadAudit = 74 "strongroom:ReadAudit",
    /// A claim of identity that did not hold: recorded, never permitted by a policy.
    Identify = 75 "strongroom:Identify",
    /// Carry out a scheduled destruction.
    DestroyKey = 76 "strongroom:DestroyKey",
    /// Found a server: its first account, keys and administrator.
    Initialise = 77 "strongroom:Initialise",
    /// Read how the server stands.
    ReadStatus = 78 "strongroom:ReadStatus",
    /// Give a server one more way to its root key.
    AddUnsealSource = 79 "strongroom:AddUnsealSource",
    /// Unseal the server: recorded, never permitted by a policy.
    Unseal = 80 "strongroom:Unseal",
    /// Take a way to its root key from a server.
    RemoveUnsealSource = 81 "strongroom:RemoveUnsealSource",
    /// Learn who one is. No policy is asked: who signs may know whose signature it is.
    GetCallerIdentity = 82 "sts:GetCallerIdentity",
    /// Act in a role for a while.
    AssumeRole = 83 "sts:AssumeRole",
    /// The same for whom an issuer of tokens vouches.
    AssumeRoleWithWebIdentity = 84 "sts:AssumeRoleWithWebIdentity",
    /// Say who is behind a session, for good.
    SetSourceIdentity = 85 "sts:SetSourceIdentity",
    /// Make a role.
    CreateRole = 86 "strongroom:CreateRole",
    /// List roles.
    ListRoles = 87 "strongroom:ListRoles",
    /// Read a role.
    GetRole = 88 "strongroom:GetRole",
    /// Change whom a role trusts, what it may do, for how long, and its tags.
    ChangeRole = 89 "strongroom:ChangeRole",
    /// Remove a role, and with it every session of it.
    DeleteRole = 90 "strongroom:DeleteRole",
    /// Take an issuer's word for who somebody is.
    RegisterIssuer = 91 "strongroom:RegisterIssuer",
    /// List issuers.
    ListIssuers = 92 "strongroom:ListIssuers",
    /// Change an issuer's keys or audiences.
    ChangeIssuer = 93 "strongroom:ChangeIssuer",
    /// Take an issuer's word no more.
    RemoveIssuer = 94 "strongroom:RemoveIssuer",
    /// Carry out a scheduled rotation.
    RotateKey = 95 "strongroom:RotateKey",
    /// Let the holder of a certificate's key act as a principal.
    RegisterCertificate = 96 "strongroom:RegisterCertificate",
    /// List a principal's certificates.
    ListCertificates = 97 "strongroom:ListCertificates",
    /// Remove a certificate.
    RemoveCertificate = 98 "strongroom:RemoveCertificate",
    /// Keep an object that was made elsewhere.
    RegisterObject = 100 "strongroom:RegisterObject",
    /// Keep an object under the id that it had elsewhere.
    ImportObject = 101 "strongroom:ImportObject",
    /// Derive an object from others.
    DeriveObject = 102 "strongroom:DeriveObject",
    /// Read an object's material. Nothing implies it, and it implies nothing.
    GetKeyMaterial = 103 "strongroom:GetKeyMaterial",
    /// Look for objects by what is known of them.
    Locate = 104 "strongroom:Locate",
    /// Change what is known of an object.
    ChangeAttributes = 105 "strongroom:ChangeAttributes",
    /// Let an object be used from now on.
    ActivateObject = 106 "strongroom:ActivateObject",
    /// Let an object protect nothing more, or say that it is compromised.
    RevokeObject = 107 "strongroom:RevokeObject",
    /// Destroy an object at once.
    DestroyObject = 108 "strongroom:DestroyObject",
    /// Put an object aside.
    ArchiveObject = 109 "strongroom:ArchiveObject",
    /// Take an object up again.
    RecoverObject = 110 "strongroom:RecoverObject",
    /// Learn for how long a copy of an object may be used.
    ObtainLease = 111 "strongroom:ObtainLease",
    /// Set a part aside of what a key may protect.
    AllocateUsage = 112 "strongroom:AllocateUsage",
    /// Ask whether an object may be used in a certain way.
    CheckObject = 113 "strongroom:CheckObject",
    /// Replace a key by a new one that is linked to it.
    ReKeyObject = 114 "strongroom:ReKeyObject",
    /// Split a key into parts.
    SplitObject = 115 "strongroom:SplitObject",
    /// Make a key of its parts.
    JoinObject = 116 "strongroom:JoinObject",
    /// Hash.
    Hash = 117 "strongroom:Hash",
    /// Wrap material by a key, so that it can leave.
    WrapKey = 118 "strongroom:WrapKey",
    /// Unwrap material by a key, so that it can be kept.
    UnwrapKey = 119 "strongroom:UnwrapKey",
    /// Write a line into the audit log.
    WriteLog = 120 "strongroom:WriteLog",
    /// Issue a certificate for a key.
    Certify = 121 "strongroom:Certify",
    /// Note how late it is, so that a clock that is set back is noticed.
    KeepTime = 99 "strongroom:KeepTime",
}

/// A set of actions: what a policy statement names, resolved when it is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ActionSet(u128);

impl ActionSet {
    /// No action.
    pub const EMPTY: Self = Self(0);

    /// Whether `action` is in it.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & 1 << action.code() != 0
    }

    /// The set with `action` added.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | 1 << action.code())
    }

    /// The actions that are in `self` or in `other`.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions that are not in it.
    #[must_use]
    pub fn complement(self) -> Self {
        Action::ALL.iter().filter(|action| !self.contains(**action)).copied().collect()
    }
}

impl FromIterator<Action> for ActionSet {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::EMPTY, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_below_128() {
        for &action in Action::ALL {
            assert!(action.code() < 128);
            assert_eq!(Action::from_code(action.code()), Some(action));
        }
    }

    #[test]
    fn the_complement_is_everything_else() {
        let set = ActionSet::EMPTY.with(Action::Encrypt);
        assert!(set.contains(Action::Encrypt) && !set.contains(Action::Decrypt));
        assert!(!set.complement().contains(Action::Encrypt));
        assert!(set.complement().contains(Action::Decrypt));
    }
}
