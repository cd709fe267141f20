//! Filling in shell scripts.

/// `template` with each `@NAME@` that `values` has replaced by its value. Values are not searched
/// again.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('@') {
        let (before, tail) = rest.split_at(at);
        filled.push_str(before);
        let value = values.iter().find_map(|(name, value)| {
            let after = tail
                .strip_prefix('@')?
                .strip_prefix(name)?
                .strip_prefix('@')?;
            Some((value, after))
        });
        rest = match value {
            Some((value, after)) => {
                filled.push_str(value);
                after
            }
            None => {
                filled.push('@');
                tail.strip_prefix('@').unwrap_or_default()
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// `word` as one word of a shell, whatever it holds.
pub(super) fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,%^@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// `words` as words of a shell, each after a space.
pub(super) fn quote_all(words: &[String]) -> String {
    words
        .iter()
        .map(|word| format!(" {}", quote(word)))
        .collect()
}

/// `text` as it stands between double quotes of a shell.
pub(super) fn quote_in_double(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' | '$' | '`' => vec!['\\', c],
        c => vec![c],
    };
    text.chars().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        let values = [("A", "@B@".to_owned()), ("B", "b".to_owned())];
        assert_eq!(fill("x@A@y@B@@C@ \"$@\"", &values), "x@B@yb@C@ \"$@\"");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_words_as_they_were() {
        let words = [
            "",
            "a b",
            "it's",
            "$HOME `x` \\ \"",
            "*",
            "plain/name_1.exr",
            "天",
        ];
        let words = words.map(str::to_owned);
        let script = format!("printf '%s\\n'{}", quote_all(&words));
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.lines().collect::<Vec<_>>(), words);
    }
}
