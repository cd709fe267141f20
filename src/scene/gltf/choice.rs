//! Choosing one of a file's things by name or index.

use super::error::Fault;

/// The index of `wanted` among `names`; a name wins over an index. `what` is what they are.
///
/// # Errors
/// When there is none; the error lists what there is.
pub(super) fn choose(
    what: &'static str,
    names: &[impl AsRef<str>],
    wanted: &str,
) -> Result<usize, Fault> {
    let by_name = names.iter().position(|name| name.as_ref() == wanted);
    let by_index = || wanted.parse().ok().filter(|&index| index < names.len());
    by_name
        .or_else(by_index)
        .ok_or_else(|| Fault::no_such(what, wanted, list(names)))
}

/// `there are: 0 "Walk", 1 (unnamed)`.
fn list(names: &[impl AsRef<str>]) -> String {
    if names.is_empty() {
        return "the file has none".to_owned();
    }
    let entry = |(index, name)| match name {
        "" => format!("{index} (unnamed)"),
        name => format!("{index} \"{name}\""),
    };
    let names = names.iter().map(AsRef::as_ref).enumerate();
    let entries: Vec<String> = names.map(entry).collect();
    format!("there are: {}", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_win_over_indices() {
        let names = ["walk", "0", ""];
        let index = |wanted| choose("animation", &names, wanted).ok();
        assert_eq!(index("walk"), Some(0));
        assert_eq!(index("0"), Some(1));
        assert_eq!(index("2"), Some(2));
        assert_eq!(index("3"), None);
        let error = choose("animation", &names, "run").unwrap_err();
        assert_eq!(
            error.in_file("a.glb").to_string(),
            "a.glb: no animation \"run\"; there are: 0 \"walk\", 1 \"0\", 2 (unnamed)"
        );
    }
}
