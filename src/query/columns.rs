//! Which columns of a table a query needs, so that the others are not read from the files of an export.

use std::collections::BTreeSet;

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::Token;
use sqlparser::tokenizer::Tokenizer;

use crate::frame::Table;

/// Words that stand for columns without naming them.
const UNNAMED: &[&str] = &["natural", "columns"];

/// The columns that a query wants.
pub(super) enum Wanted {
    /// Every one.
    All,
    /// Those among these words, in lower case. Most of them are other things than columns.
    Named(BTreeSet<String>),
}

impl Wanted {
    /// Reads the words of a query. Wants too much rather than too little: a star that multiplies counts as all columns.
    pub(super) fn by(sql: &str) -> Self {
        let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return Self::All };
        let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
        let counted =
            |at: usize| at >= 2 && is_word(tokens.get(at - 2), "count") && tokens.get(at + 1) == Some(&&Token::RParen);
        let is_star = |(at, token): (usize, &&Token)| **token == Token::Mul && !counted(at);
        if tokens.iter().enumerate().any(is_star) {
            return Self::All;
        }
        let words = tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(word) } else { None });
        let words: BTreeSet<String> = words.map(|word| word.value.to_lowercase()).collect();
        if UNNAMED.iter().any(|word| words.contains(*word)) { Self::All } else { Self::Named(words) }
    }

    /// Returns the wanted columns of a table, in its order: at least one, which counts the rows.
    pub(super) fn of(&self, table: &Table) -> Vec<&'static str> {
        let all = table.columns.iter().map(|column| column.name);
        match self {
            Self::All => all.collect(),
            Self::Named(words) => {
                let named: Vec<&str> = all.clone().filter(|name| words.contains(*name)).collect();
                if named.is_empty() { all.take(1).collect() } else { named }
            }
        }
    }
}

fn is_word(token: Option<&&Token>, text: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word.value.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use crate::export::tables;

    #[test]
    fn only_what_a_query_names_is_read() {
        let table = &tables::named("chains").unwrap().table;
        let all = table.columns.len();
        for (sql, columns) in [
            ("select * from chains", all),
            ("select c.* from chains c", all),
            ("select writes * 2 as twice from chains", all),
            ("select writes from chains natural join hops", all),
            ("select columns('w.*') from chains", all),
            ("select 'no end from chains", all),
            ("select count(*) from chains", 1),
            ("select COUNT ( * ) as n, max(Writes) from chains where \"route_id\" = 'calls'", 2),
            ("-- calls\nselect writes from chains order by chain_id", 2),
        ] {
            assert_eq!(Wanted::by(sql).of(table).len(), columns, "{sql}");
        }
    }
}
