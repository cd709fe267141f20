//! Help and version: the only things on standard output.

use std::process::Command;

use crate::place::SKYWELL;

fn printed(words: &[&str]) -> String {
    let output = Command::new(SKYWELL).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_is_as_reviewed() {
    let reviewed = [
        ("--help", include_str!("skywell-help.txt")),
        ("render -h", include_str!("render-short-help.txt")),
        ("render --help", include_str!("render-long-help.txt")),
        ("diff -h", include_str!("diff-short-help.txt")),
        ("diff --help", include_str!("diff-long-help.txt")),
        ("check -h", include_str!("check-short-help.txt")),
        ("check --help", include_str!("check-long-help.txt")),
    ];
    for (words, expected) in reviewed {
        let words: Vec<&str> = words.split(' ').collect();
        let help = printed(&words);
        assert_eq!(
            help, expected,
            "if meant, put the new text of {words:?} into tests/cli/"
        );
    }
}

#[test]
fn help_fits_a_terminal() {
    for words in [
        &["--help"][..],
        &["render", "-h"],
        &["render", "--help"],
        &["diff", "-h"],
        &["diff", "--help"],
        &["check", "-h"],
        &["check", "--help"],
        &["merge", "--help"],
    ] {
        for line in printed(words).lines() {
            assert!(line.chars().count() <= 79, "{line}");
        }
    }
}

#[test]
fn version_is_the_crates() {
    let version = concat!("skywell ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(printed(&["--version"]), version);
}

#[test]
fn no_words_are_wrong_usage() {
    let output = Command::new(SKYWELL).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: skywell"));
}
