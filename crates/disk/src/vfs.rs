//! SQLite's file system, with a few of its functions preceded by ours.
//!
//! Ours is a copy of the one SQLite has, with another name and two other functions, and it becomes
//! the default. A file in a watched folder gets a copy of its table of methods in which five are
//! ours; each of them counts, calls the one it stands for, and takes a note. All else, the locks
//! and the shared memory among it, is SQLite's own.

use std::{
    collections::BTreeMap,
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr::null,
    sync::{Mutex, OnceLock},
};

use rusqlite::ffi;

use crate::{Kind, Operation, Trouble, Watched, lock};

type Open = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    *const c_char,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;
type Delete = unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *const c_char, c_int) -> c_int;

/// What the functions of SQLite's own file system are.
static ORIGINAL: OnceLock<(Open, Delete)> = OnceLock::new();
/// Whether ours has become the default.
static INSTALLED: OnceLock<Result<(), i32>> = OnceLock::new();
/// The tables of methods that its files have, by where they are.
static METHODS: Mutex<BTreeMap<usize, &'static Methods>> = Mutex::new(BTreeMap::new());
/// The open files of watched folders, by where SQLite keeps what it knows of them.
static FILES: Mutex<BTreeMap<usize, (Watched, &'static Methods)>> = Mutex::new(BTreeMap::new());

/// A table of methods, and the one with ours in it.
struct Methods {
    original: ffi::sqlite3_io_methods,
    ours: ffi::sqlite3_io_methods,
}

/// Makes ours the file system that databases are opened with, once.
pub(crate) fn install() -> Result<(), i32> {
    *INSTALLED.get_or_init(register)
}

fn register() -> Result<(), i32> {
    // SAFETY: both may be called at any time; a null name asks for the default.
    let original = unsafe {
        match ffi::sqlite3_initialize() {
            ffi::SQLITE_OK => ffi::sqlite3_vfs_find(null()).as_ref(),
            code => return Err(code),
        }
    };
    let Some(&original) = original else { return Err(ffi::SQLITE_ERROR) };
    let (Some(open), Some(delete)) = (original.xOpen, original.xDelete) else {
        return Err(ffi::SQLITE_ERROR);
    };
    // Before ours is registered, since from then on any thread may call it.
    ORIGINAL.get_or_init(|| (open, delete));
    // What the original's functions read of it is in the copy as well.
    let ours = Box::leak(Box::new(ffi::sqlite3_vfs {
        zName: c"strongroom-disk".as_ptr(),
        xOpen: Some(open_file),
        xDelete: Some(remove_file),
        ..original
    }));
    // SAFETY: the table is complete and is never freed.
    match unsafe { ffi::sqlite3_vfs_register(ours, 1) } {
        ffi::SQLITE_OK => Ok(()),
        code => Err(code),
    }
}

/// The watched file that a path names.
///
/// # Safety
///
/// `path` is null or a C string.
unsafe fn watched(path: *const c_char) -> Option<Watched> {
    if path.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    Watched::at(path)
}

unsafe extern "C" fn open_file(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let Some(&(open, _)) = ORIGINAL.get() else {
        // SAFETY: SQLite gives memory for a file; without methods it counts as not opened.
        unsafe { (*file).pMethods = null() };
        return ffi::SQLITE_ERROR;
    };
    // SAFETY: SQLite passes null or a C string.
    let Some(watched) = (unsafe { watched(path) }) else {
        // SAFETY: the arguments are SQLite's, unchanged.
        return unsafe { open(vfs, path, file, flags, flags_out) };
    };
    let mut trace = lock(&watched.trace);
    if let Some(trouble) = trace.trouble(Kind::Open) {
        // SAFETY: SQLite gives memory for a file; without methods it counts as not opened.
        unsafe { (*file).pMethods = null() };
        return code(Kind::Open, trouble);
    }
    // SAFETY: the arguments are SQLite's, unchanged.
    let result = unsafe { open(vfs, path, file, flags, flags_out) };
    if result == ffi::SQLITE_OK {
        // SAFETY: an opened file points to its methods, which live as long as the program.
        let Some(methods) = (unsafe { (*file).pMethods.as_ref() }) else { return result };
        let methods =
            *lock(&METHODS).entry(std::ptr::from_ref(methods).addr()).or_insert_with(|| {
                Box::leak(Box::new(Methods { original: *methods, ours: with_ours(*methods) }))
            });
        // SAFETY: as above; the table is never freed.
        unsafe { (*file).pMethods = &raw const methods.ours };
        trace.operations.push(Operation::Opened(watched.name.clone()));
        drop(trace);
        lock(&FILES).insert(file.addr(), (watched, methods));
    }
    result
}

unsafe extern "C" fn remove_file(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    sync: c_int,
) -> c_int {
    let Some(&(_, delete)) = ORIGINAL.get() else { return ffi::SQLITE_ERROR };
    // SAFETY: SQLite passes a C string.
    let Some(watched) = (unsafe { watched(path) }) else {
        // SAFETY: the arguments are SQLite's, unchanged.
        return unsafe { delete(vfs, path, sync) };
    };
    let mut trace = lock(&watched.trace);
    if let Some(trouble) = trace.trouble(Kind::Remove) {
        return code(Kind::Remove, trouble);
    }
    // SAFETY: the arguments are SQLite's, unchanged.
    let result = unsafe { delete(vfs, path, sync) };
    if result == ffi::SQLITE_OK {
        trace.operations.push(Operation::Removed { file: watched.name, durably: sync != 0 });
    }
    result
}

fn with_ours(original: ffi::sqlite3_io_methods) -> ffi::sqlite3_io_methods {
    ffi::sqlite3_io_methods {
        xClose: Some(close),
        xRead: Some(read),
        xWrite: Some(write),
        xTruncate: Some(cut),
        xSync: Some(sync),
        ..original
    }
}

/// Does `call`, the original method of `file`, unless it is to fail, and notes it.
fn pass(
    file: *mut ffi::sqlite3_file,
    kind: Kind,
    call: impl FnOnce(&ffi::sqlite3_io_methods) -> Option<c_int>,
    note: impl FnOnce(String) -> Option<Operation>,
) -> c_int {
    let Some((watched, methods)) = lock(&FILES).get(&file.addr()).cloned() else {
        return ffi::SQLITE_IOERR;
    };
    // Held meanwhile, so that the trace has the order of the disk.
    let mut trace = lock(&watched.trace);
    if let Some(trouble) = trace.trouble(kind) {
        if kind == Kind::Sync {
            trace.operations.push(Operation::Unsynced(watched.name));
        }
        return code(kind, trouble);
    }
    let result = call(&methods.original).unwrap_or(ffi::SQLITE_IOERR);
    if result == ffi::SQLITE_OK {
        trace.operations.extend(note(watched.name));
    }
    result
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let known = lock(&FILES).remove(&file.addr());
    match known.and_then(|(_, methods)| methods.original.xClose) {
        // SAFETY: the argument is SQLite's, unchanged.
        Some(close) => unsafe { close(file) },
        None => ffi::SQLITE_IOERR,
    }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    to: *mut c_void,
    len: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the arguments are SQLite's, unchanged.
    let call = |m: &ffi::sqlite3_io_methods| m.xRead.map(|f| unsafe { f(file, to, len, at) });
    pass(file, Kind::Read, call, |_| None)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    len: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the arguments are SQLite's, unchanged.
    let call = |m: &ffi::sqlite3_io_methods| m.xWrite.map(|f| unsafe { f(file, from, len, at) });
    pass(file, Kind::Write, call, |file| {
        let len = usize::try_from(len).ok()?;
        // SAFETY: SQLite gives `len` bytes to be written, and does not change them meanwhile.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), len) };
        Some(Operation::Written { file, at: at.unsigned_abs(), bytes: bytes.to_vec() })
    })
}

unsafe extern "C" fn cut(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    // SAFETY: the arguments are SQLite's, unchanged.
    let call = |m: &ffi::sqlite3_io_methods| m.xTruncate.map(|f| unsafe { f(file, len) });
    pass(file, Kind::Cut, call, |file| Some(Operation::Cut { file, len: len.unsigned_abs() }))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the arguments are SQLite's, unchanged.
    let call = |m: &ffi::sqlite3_io_methods| m.xSync.map(|f| unsafe { f(file, flags) });
    pass(file, Kind::Sync, call, |file| Some(Operation::Synced(file)))
}

/// What SQLite's own file system would answer.
fn code(kind: Kind, trouble: Trouble) -> c_int {
    match (trouble, kind) {
        (Trouble::Full, _) => ffi::SQLITE_FULL,
        (Trouble::TooManyFiles, _) | (Trouble::Broken, Kind::Open | Kind::Make) => {
            ffi::SQLITE_CANTOPEN
        }
        (Trouble::Broken, Kind::Read) => ffi::SQLITE_IOERR_READ,
        (Trouble::Broken, Kind::Write) => ffi::SQLITE_IOERR_WRITE,
        (Trouble::Broken, Kind::Cut) => ffi::SQLITE_IOERR_TRUNCATE,
        (Trouble::Broken, Kind::Sync) => ffi::SQLITE_IOERR_FSYNC,
        (Trouble::Broken, Kind::Remove | Kind::Rename) => ffi::SQLITE_IOERR_DELETE,
    }
}
