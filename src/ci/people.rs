//! People by what names them, so that nobody is looked for among all others: whoever exports a file decides how many there are.

use std::collections::HashMap;

use super::names::Person;

/// People, each once, as [`Person::is_same`] has it: numbers outlive logins.
#[derive(Default)]
pub struct People<'p> {
    all: Vec<&'p Person>,
    by_id: HashMap<u64, usize>,
    by_login: HashMap<String, usize>,
    /// Those of whom no number is known.
    by_login_alone: HashMap<String, usize>,
}

impl<'p> People<'p> {
    /// Returns the place of somebody: that of the first who is the same, or a new one.
    pub fn place(&mut self, person: &'p Person) -> usize {
        let login = person.login.to_ascii_lowercase();
        let known = match person.id {
            Some(id) => [self.by_id.get(&id), self.by_login_alone.get(&login)].into_iter().flatten().min(),
            None => self.by_login.get(&login),
        };
        if let Some(at) = known {
            return *at;
        }
        let at = self.all.len();
        self.all.push(person);
        match person.id {
            Some(id) => drop(self.by_id.insert(id, at)),
            None => drop(self.by_login_alone.insert(login.clone(), at)),
        }
        self.by_login.entry(login).or_insert(at);
        at
    }

    /// Returns all, in the order in which they came.
    pub fn all(self) -> Vec<&'p Person> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// It finds whom a look at each of the others would find.
        #[test]
        fn the_first_who_is_the_same_is_found(said in prop::collection::vec(("[abB]", prop::option::of(0_u64..3)), 0..12)) {
            let one = |(login, id): &(String, Option<u64>)| Person { login: login.as_str().into(), id: *id, is_bot: false };
            let said: Vec<Person> = said.iter().map(one).collect();
            let (mut people, mut all): (People<'_>, Vec<&Person>) = Default::default();
            for person in &said {
                let expected = all.iter().position(|other| other.is_same(person)).unwrap_or(all.len());
                if expected == all.len() {
                    all.push(person);
                }
                prop_assert_eq!(people.place(person), expected, "{:?} {:?}", person, all);
            }
            prop_assert_eq!(people.all(), all);
        }
    }
}
