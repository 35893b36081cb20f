//! Which operation is done where.

use kmip::{
    names::enumeration::{Operation, ResultReason},
    payload::{Request, Response},
};

use crate::{answers::Done, call::Call, failed::Failed, op};

/// Whether the server does an operation that the codec knows: what `Query` names. Those of [`run`]'s
/// last arm it refuses.
fn is_served(operation: Operation) -> bool {
    const REFUSED: &[Operation] = &[
        Operation::LOGIN,
        Operation::LOGOUT,
        Operation::DELEGATED_LOGIN,
        Operation::PKCS_11,
        Operation::RE_PROVISION,
        Operation::SET_DEFAULTS,
        Operation::SET_CONSTRAINTS,
        Operation::GET_CONSTRAINTS,
    ];
    !REFUSED.contains(&operation)
}

/// Does what is asked. Every request that the codec knows has an arm, so that a new one has to be
/// served here or refused here.
pub(crate) async fn run(call: &Call<'_>, request: Request) -> Result<Done, Failed> {
    match request {
        Request::Poll(asked) => op::asynchronous::poll(call, *asked),
        request => run_now(call, request).await.map(Done::Now),
    }
}

async fn run_now(call: &Call<'_>, request: Request) -> Result<Response, Failed> {
    match request {
        Request::Query(query) => Ok(op::server::query(call, *query, is_served)),
        Request::DiscoverVersions(asked) => Ok(op::server::discover_versions(*asked)),
        Request::Create(create) => op::make::create(call, *create).await,
        Request::CreateKeyPair(create) => op::make::create_key_pair(call, *create).await,
        Request::Register(register) => op::make::register(call, *register).await,
        Request::ReKey(key) => op::rekey::re_key(call, *key).await,
        Request::ReKeyKeyPair(pair) => op::rekey::re_key_key_pair(call, *pair).await,
        Request::Certify(certify) => op::certify::certify(call, *certify).await,
        Request::ReCertify(certify) => op::certify::re_certify(call, *certify).await,
        Request::Validate(validate) => op::certify::validate(call, *validate).await,
        Request::DeriveKey(derive) => op::derive::derive_key(call, *derive).await,
        Request::CreateSplitKey(split) => op::split::create_split_key(call, *split).await,
        Request::JoinSplitKey(join) => op::split::join_split_key(call, *join).await,
        Request::Import(import) => op::import::import(call, *import).await,
        Request::Export(export) => op::import::export(call, *export).await,
        Request::Get(get) => op::get::get(call, *get).await,
        Request::Locate(locate) => op::locate::locate(call, *locate).await,
        Request::GetAttributes(get) => op::find::attributes(call, *get).await,
        Request::GetAttributeList(of) => op::find::attribute_list(call, *of).await,
        Request::AddAttribute(add) => op::attributes::add(call, *add).await,
        Request::ModifyAttribute(modify) => op::attributes::modify(call, *modify).await,
        Request::DeleteAttribute(delete) => op::attributes::delete(call, *delete).await,
        Request::SetAttribute(set) => op::attributes::set(call, *set).await,
        Request::AdjustAttribute(adjust) => op::attributes::adjust(call, *adjust).await,
        Request::Activate(of) => op::life::activate(call, *of).await,
        Request::Revoke(revoke) => op::life::revoke(call, *revoke).await,
        Request::Destroy(of) => op::life::destroy(call, *of).await,
        Request::Archive(of) => op::life::archive(call, *of).await,
        Request::Recover(of) => op::life::recover(call, *of).await,
        Request::Log(log) => op::session::log(call, *log).await,
        Request::Interop(interop) => op::session::interop(&interop),
        Request::SetEndpointRole(role) => op::session::set_endpoint_role(*role),
        Request::Cancel(asked) => op::asynchronous::cancel(call, *asked),
        Request::Process(asked) => op::asynchronous::process(call, *asked).await,
        Request::QueryAsynchronousRequests(asked) => Ok(op::asynchronous::query(call, *asked)),
        Request::Ping(_) => Ok(op::session::ping()),
        Request::Encrypt(request) => op::cipher::encrypt(call, *request).await,
        Request::Decrypt(request) => op::cipher::decrypt(call, *request).await,
        Request::Sign(request) => op::sign::sign(call, *request).await,
        Request::SignatureVerify(request) => op::sign::verify(call, *request).await,
        Request::Mac(request) => op::mac::generate(call, *request).await,
        Request::MacVerify(request) => op::mac::verify(call, *request).await,
        Request::Hash(request) => op::hash::hash(call, *request).await,
        Request::RngRetrieve(request) => op::random::retrieve(call, *request).await,
        Request::RngSeed(request) => op::random::seed(*request),
        Request::Check(request) => op::check::check(call, *request).await,
        Request::ObtainLease(of) => op::check::obtain_lease(call, *of).await,
        Request::GetUsageAllocation(request) => op::check::allocate(call, *request).await,
        Request::Login(_)
        | Request::Logout(_)
        | Request::DelegatedLogin(_)
        | Request::Pkcs11(_)
        | Request::ReProvision(_)
        | Request::SetDefaults(_)
        | Request::SetConstraints(_)
        | Request::GetConstraints(_)
        // It may have to be answered by what is no answer of its own.
        | Request::Poll(_) => Err(Failed::new(
            ResultReason::OPERATION_NOT_SUPPORTED,
            "This operation is not supported here.",
        )),
    }
}
