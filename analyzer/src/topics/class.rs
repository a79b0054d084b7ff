//! What sort of topic it is, by words in a data file that anybody can read: for muting noise. A topic that has
//! a word of public matters belongs to no class, so that muting hides none of those.

use crate::normalize::normalize;

const SHIPPED: &str = include_str!("../../data/topic-classes.txt");

/// One class with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name, as in the configuration.
    pub name: String,
    /// Its name in English.
    pub english: String,
    words: Vec<String>,
}

/// The classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes {
    public: Vec<String>,
    classes: Vec<Class>,
}

impl Classes {
    /// Those that come with the program.
    pub fn shipped() -> Classes {
        Classes::read(SHIPPED)
    }

    /// Reads a file of classes: sections `[name english]`, a word a line, `#` for remarks.
    pub fn read(text: &str) -> Classes {
        let mut classes = Classes::default();
        let mut current: Option<Class> = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (line.strip_prefix('[').and_then(|line| line.strip_suffix(']')), current.as_mut()) {
                (Some(names), _) => {
                    current.take().into_iter().for_each(|class| classes.add(class));
                    let (name, english) = names.split_once(' ').unwrap_or((names, names));
                    let (name, english) = (name.trim().to_owned(), english.trim().to_owned());
                    current = Some(Class { name, english, words: Vec::new() });
                }
                (None, Some(class)) => class.words.push(normalize(line)),
                (None, None) => {}
            }
        }
        current.into_iter().for_each(|class| classes.add(class));
        classes
    }

    fn add(&mut self, class: Class) {
        if class.name == "!" { self.public = class.words } else { self.classes.push(class) }
    }

    /// Whether a title has a word of public matters and none of a class.
    pub fn is_public(&self, title: &str) -> bool {
        let title = normalize(title);
        has(&title, &self.public) && !self.classes.iter().any(|class| has(&title, &class.words))
    }

    /// The class whose words stand in the title or in half of the posts, if any.
    pub fn of(&self, title: &str, posts: &[&str]) -> Option<&Class> {
        let title = normalize(title);
        let posts: Vec<String> = posts.iter().map(|post| normalize(post)).collect();
        let share = |words: &[String]| {
            let with = posts.iter().filter(|post| has(post, words)).count();
            has(&title, words) || (!posts.is_empty() && 2 * with >= posts.len())
        };
        if share(&self.public) {
            return None;
        }
        self.classes.iter().find(|class| share(&class.words))
    }

    /// The class of this name in either language.
    pub fn named(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name || class.english == name)
    }

    /// All of them.
    pub fn all(&self) -> &[Class] {
        &self.classes
    }
}

fn has(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_belongs_to_a_class_by_title_or_half_of_its_posts_but_public_matters_to_none() {
        let classes = Classes::shipped();
        let of = |title: &str, posts: &[&str]| classes.of(title, posts).map(|class| class.name.clone());
        assert_eq!(of("某某新歌今晚上线", &[]).as_deref(), Some("娱乐"));
        assert_eq!(of("某某", &["看了某某的演唱会", "某某真好"]).as_deref(), Some("娱乐"));
        assert_eq!(of("某某", &["看了某某的演唱会", "某某真好", "某某来了"]), None);
        assert_eq!(of("NBA总决赛今天开打", &[]).as_deref(), Some("体育"));
        assert_eq!(of("演唱会现场坍塌", &[]), None);
        assert_eq!(of("小区停水三天", &["停水", "没水"]), None);
        assert!(classes.is_public("某大厦有异响，应急管理部门回应") && !classes.is_public("某大厦灯光秀"));
        assert!(!classes.is_public("某演员涉事被拘留") && !classes.is_public("日本一大厦起火"));
        assert_eq!(classes.named("entertainment").map(|class| class.name.as_str()), Some("娱乐"));
    }
}
