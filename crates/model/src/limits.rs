//! Every bound, in one place.

/// Longest alias name without its prefix, in bytes (AWS: 256 with `alias/`).
pub const ALIAS_LEN_MAX: usize = 250;
/// Longest key description, in characters.
pub const DESCRIPTION_LEN_MAX: usize = 8192;
/// Longest policy document, in bytes.
pub const POLICY_LEN_MAX: usize = 32_768;
/// Most statements in one policy document.
pub const POLICY_STATEMENTS_MAX: usize = 256;
/// Most wildcards and variables in one text of a policy, a row of `*` or of `?` being one.
pub const PATTERN_WILDCARDS_MAX: usize = 64;
/// Most of these in all conditions of one policy: they are compared with texts of callers, whole
/// encryption contexts among them, and for each character each of them may cost a step.
pub const CONDITION_WILDCARDS_MAX: usize = 512;
/// Fewest days from one automatic rotation of a key to the next (AWS KMS).
pub const ROTATION_PERIOD_DAYS_MIN: u32 = 90;
/// Most days from one automatic rotation of a key to the next.
pub const ROTATION_PERIOD_DAYS_MAX: u32 = 2560;
/// Days from one automatic rotation of a key to the next, unless it is said.
pub const ROTATION_PERIOD_DAYS_USUAL: u32 = 365;
/// Most rotations of a key that are asked for (AWS KMS).
pub const ROTATIONS_ON_DEMAND_MAX: usize = 25;
/// How long before an automatic rotation none is asked for, in milliseconds (AWS KMS).
pub const ROTATION_AHEAD_MS: u64 = 20 * 60_000;
/// Most tags on a key.
pub const TAGS_MAX: usize = 50;
/// Longest tag key, in characters.
pub const TAG_KEY_LEN_MAX: usize = 128;
/// Longest tag value, in characters.
pub const TAG_VALUE_LEN_MAX: usize = 256;
/// Most labels and links of an object.
pub const LABELS_MAX: usize = 256;
/// Longest label of an object, in bytes of its name and of its value each.
pub const LABEL_LEN_MAX: usize = 4096;
/// Longest material of an object that is only stored, in bytes: what secret memory takes in one
/// piece.
pub const STORED_LEN_MAX: usize = 32 << 10;
/// Most random bytes in one request.
pub const RANDOM_BYTES_MAX: usize = 1024;
/// Longest plaintext or message, in bytes.
pub const PLAINTEXT_LEN_MAX: usize = 4096;
/// Longest ciphertext, in bytes.
pub const CIPHERTEXT_LEN_MAX: usize = 6144;
/// Longest piece of a text that a raw key's cipher takes at once, in bytes, and longest text with
/// a tag.
pub const CIPHER_LEN_MAX: usize = 1 << 20;
/// Longest vector of a raw key in GCM, in bytes.
pub const GCM_IV_LEN_MAX: usize = 1024;
/// Longest label of RSAES-OAEP, in bytes.
pub const OAEP_LABEL_LEN_MAX: usize = 1024;
/// Most pairs in an encryption context.
pub const CONTEXT_PAIRS_MAX: usize = 256;
/// Longest encryption context, in bytes of names and values together.
pub const CONTEXT_LEN_MAX: usize = 8192;
/// Largest request body, in bytes: of the legal ones, that of a principal with as many policies as
/// it may have, each as long as it may be (640 KiB), and a fifth for what JSON writes around them.
pub const BODY_LEN_MAX: usize = 768 << 10;
/// Largest request head (request line and headers), in bytes.
pub const HEAD_LEN_MAX: usize = 64 << 10;
/// Deepest nesting of a JSON document.
pub const JSON_DEPTH_MAX: usize = 32;
/// Longest KMIP message that is read, in bytes.
pub const KMIP_MESSAGE_LEN_MAX: usize = 1 << 20;
/// Most structures in each other in a KMIP message.
pub const KMIP_DEPTH_MAX: usize = 32;
/// Most items of a KMIP message. An item may take eight bytes on the wire and takes some forty in
/// memory, so that this bounds what a message makes a server allocate to some 320 KiB and its own
/// length.
pub const KMIP_ITEMS_MAX: usize = 8192;
/// Longest answer to a KMIP message, in bytes of TTLV, whatever the client takes; and some more, if
/// one item alone is as long.
pub const KMIP_ANSWER_LEN_MAX: usize = 1 << 20;
/// Most attributes to look for in a KMIP Locate: each is compared with those of every object.
pub const KMIP_CONDITIONS_MAX: usize = 64;
/// Most templates that a KMIP request names.
pub const KMIP_TEMPLATES_MAX: usize = 16;
/// Most items of a batch in a KMIP message.
pub const KMIP_BATCH_ITEMS_MAX: usize = 256;
/// Most KMIP requests whose answers come later and were not obtained yet.
pub const KMIP_OUTSTANDING_MAX: usize = 256;
/// Most of them of one principal.
pub const KMIP_OUTSTANDING_OF_ONE_MAX: usize = 32;
/// Longest of them, and longest answer to one, in bytes of TTLV.
pub const KMIP_OUTSTANDING_LEN_MAX: usize = 128 << 10;
/// For how long such an answer is kept, from its request on, in milliseconds.
pub const KMIP_OUTSTANDING_MS: u64 = 300_000;
/// Most that wait for one of them to be done.
pub const KMIP_WAITING_MAX: usize = 32;
/// Most identifiers of objects that a KMIP message tells at once.
pub const KMIP_LOCATED_MAX: usize = 10_000;
/// Farthest a request's date may be from ours, in milliseconds (SigV4: 15 minutes).
pub const CLOCK_SKEW_MS_MAX: u64 = 15 * 60 * 1000;
/// Shortest wait before a key is destroyed, in days.
pub const DELETION_WINDOW_DAYS_MIN: u32 = 7;
/// Longest wait before a key is destroyed, in days.
pub const DELETION_WINDOW_DAYS_MAX: u32 = 30;
/// Most identity policies on a principal.
pub const IDENTITY_POLICIES_MAX: usize = 20;
/// Most access keys of a principal (AWS: 2, so that they can be rotated).
pub const ACCESS_KEYS_MAX: usize = 2;
/// Shortest session of a role, in seconds.
pub const SESSION_SECS_MIN: u32 = 900;
/// How long a session of a role lasts unless said, in seconds; and the least that a role may allow
/// as its longest.
pub const SESSION_SECS: u32 = 3600;
/// Longest session that any role may allow, in seconds.
pub const SESSION_SECS_MAX: u32 = 43_200;
/// Longest session of a role that a session of a role takes, in seconds.
pub const CHAINED_SESSION_SECS_MAX: u32 = 3600;
/// Longest policy of a session, in bytes.
pub const SESSION_POLICY_LEN_MAX: usize = 2048;
/// Longest session token that is looked at, in characters.
pub const SESSION_TOKEN_LEN_MAX: usize = 4096;
/// Longest token of an issuer, in characters.
pub const WEB_IDENTITY_TOKEN_LEN_MAX: usize = 20_000;
/// Longest parameters of a request of STS, in bytes as a form writes them: those of the longest
/// token, policy and names, every character of them encoded.
pub const STS_FORM_LEN_MAX: usize = 80 << 10;
/// Longest claim of such a token that is looked at, in bytes.
pub const TOKEN_CLAIM_LEN_MAX: usize = 255;
/// Most public keys of an issuer of tokens.
pub const ISSUER_KEYS_MAX: usize = 32;
/// Most audiences of an issuer of tokens (AWS: client ids), and of one token.
pub const AUDIENCES_MAX: usize = 100;
/// How far an issuer's clock may be ahead of ours, in seconds.
pub const ISSUER_SKEW_SECS: u64 = 300;
/// Most certificates of a principal: a few machines, each with the next one beside the present.
pub const CERTIFICATES_MAX: usize = 16;
/// Longest certificate, in bytes of DER.
pub const CERTIFICATE_LEN_MAX: usize = 16 << 10;
/// Most certificates in the chain that a TLS client sends, its own among them.
pub const CERTIFICATE_CHAIN_MAX: usize = 10;
/// Most rules by which certificates of an authority are a principal's.
pub const CERTIFICATE_RULES_MAX: usize = 16;
/// Most such rules, of all principals, of one authority that begin with the same name.
pub const CERTIFICATE_RULES_ALIKE_MAX: usize = 64;
/// Most names that such a rule asks for.
pub const CERTIFICATE_RULE_NAMES_MAX: usize = 8;
/// Longest name of a certificate's holder that such a rule asks for, in bytes.
pub const HOLDER_NAME_LEN_MAX: usize = 1024;
/// Most names of its holder in a certificate that is to be taken by such a rule.
pub const HOLDER_NAMES_MAX: usize = 32;
/// Most certificates that are blocked of a principal.
pub const CERTIFICATES_BLOCKED_MAX: usize = 256;
/// Most times a change is tried again when another change came first.
pub const CONFLICT_RETRIES_MAX: u32 = 16;
/// For how long a copy of an object may be used before its holder asks again, in seconds.
pub const LEASE_SECS: u32 = 3600;
/// Longest text that is encrypted, signed or hashed on a thread that serves others too, in bytes.
pub const QUICK_LEN_MAX: usize = 16 << 10;
/// Most texts in parts that are open at a time.
pub const STREAMS_MAX: usize = 128;
/// The same of one principal.
pub const STREAMS_OF_ONE_MAX: usize = 16;
/// Longest text in parts that is kept until its end, in bytes.
pub const STREAM_LEN_MAX: usize = 1 << 20;
/// For how long a text in parts waits for its next part, in milliseconds.
pub const STREAM_AGE_MS_MAX: u64 = 10 * 60 * 1000;
/// Most that is set aside at a time of what a limited key may protect, in bytes or calls.
pub const USAGE_BLOCK_MAX: u64 = 1024;
/// Longest key that is derived as its users say, in bytes.
pub const DERIVED_LEN_MAX: usize = 4096;
/// Most iterations of PBKDF2 in one message, of all its derivations and all their blocks together.
pub const PBKDF2_ITERATIONS_MAX: u64 = 10_000_000;
/// Longest line that a caller writes into the audit log, in bytes: what an entry does not cut.
pub const LOG_LINE_LEN_MAX: usize = 1024;
/// Most parts that a key is split into.
pub const SPLIT_PARTS_MAX: u32 = 255;
/// Longest prime modulo which a key is split, in bits: to test it takes a third of a second.
pub const SPLIT_PRIME_BITS_MAX: usize = 4096;
