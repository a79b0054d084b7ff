//! Pairs of texts of our own: copies as people make them, and texts on one matter by two people. Shared by
//! the bench and a test.

/// Draws numbers: SplitMix64, so that every run has the same pairs.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(mixed ^ (mixed >> 31)) * sides as u128) >> 64) as usize
    }

    /// One of several.
    pub(crate) fn of<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }
}

/// How a copy was made.
pub(crate) const CHANGES: &[&str] = &[
    "signs, width, script",
    "@ added",
    "#topic# added",
    "【heading】 added",
    "emoji added",
    "转发微博 added",
    "comment of 2-6 added",
    "1 character changed",
    "2 characters changed",
    "3 characters changed",
    "5 characters changed",
    "8 characters changed",
    "5 % changed",
    "a sentence moved",
    "last quarter cut",
    "first quarter cut",
    "first half only",
    "last half only",
    "first third only",
    "cut and 2 changed",
];

/// A copy of that kind; `None` if the text is too short for it.
pub(crate) fn changed(text: &str, kind: &str, dice: &mut Dice) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let length = chars.len();
    let part = |from: usize, to: usize| (to - from >= 30).then(|| chars[from..to].iter().collect());
    match kind {
        "signs, width, script" => {
            let text =
                text.replace('，', dice.of(&[",", " ", "，，"])).replace('。', dice.of(&["！", "…", "."]));
            Some(text.replace("没", "沒").replace("电", "電").replace("水", "水\u{200b}").replace('1', "１"))
        }
        "@ added" => Some(if dice.below(2) == 0 {
            format!("{text} @青岚发布")
        } else {
            format!("@青岚发布 {text}")
        }),
        "#topic# added" => {
            let topic = dice.of(&["#青岚停水#", "#青岚热线#", "#物业#", "#开学第一天#"]);
            Some(if dice.below(2) == 0 { format!("{topic}{text}") } else { format!("{text}{topic}") })
        }
        "【heading】 added" => {
            Some(format!("{}{text}", dice.of(&["【求助】", "【网友投诉：谁来管一管】", "【突发】"])))
        }
        "emoji added" => {
            Some(format!("{}{text}{}", dice.of(&["", "😡", "[怒]"]), dice.of(&["😭😭", "[泪][泪]", "🙏"])))
        }
        "转发微博 added" => Some(format!(
            "{}{text}",
            dice.of(&["转发微博 ", "转发：", "转：", "//@某某：", "转发微博//@某某: "])
        )),
        "comment of 2-6 added" => Some(format!(
            "{}{text}",
            dice.of(&["同问。", "说得对！", "太难了，", "我们这边也是，", "顶一下，"])
        )),
        "1 character changed" => substituted(&chars, 1, dice),
        "2 characters changed" => substituted(&chars, 2, dice),
        "3 characters changed" => substituted(&chars, 3, dice),
        "5 characters changed" if length >= 60 => substituted(&chars, 5, dice),
        "8 characters changed" if length >= 100 => substituted(&chars, 8, dice),
        "5 % changed" if length >= 60 => substituted(&chars, length / 20, dice),
        "a sentence moved" => {
            let mut sentences: Vec<&str> = text.split_inclusive('。').collect();
            (sentences.len() >= 4).then(|| {
                sentences.rotate_left(1);
                sentences.concat()
            })
        }
        "last quarter cut" => part(0, length * 3 / 4).map(|part: String| part + "..."),
        "first quarter cut" => part(length / 4, length),
        "first half only" => part(0, length / 2).map(|part: String| part + "...全文"),
        "last half only" => part(length / 2, length),
        "first third only" => part(0, length / 3).map(|part: String| part + "…"),
        "cut and 2 changed" => {
            let part: String = part(0, length * 2 / 3)?;
            substituted(&part.chars().collect::<Vec<_>>(), 2, dice)
        }
        _ => None,
    }
}

/// So many characters replaced, left out or put in, apart from each other and no digits.
fn substituted(chars: &[char], times: usize, dice: &mut Dice) -> Option<String> {
    const FILL: &[char] =
        &['就', '也', '再', '又', '还', '都', '很', '才', '把', '让', '给', '好', '快', '真'];
    let mut chars: Vec<Option<String>> = chars.iter().map(|char| Some(char.to_string())).collect();
    let mut left = times;
    for _ in 0..times * 50 {
        let at = dice.below(chars.len());
        let is_word = chars[at].as_ref().is_some_and(|text| {
            text.chars().count() == 1 && text.chars().all(|char| ('\u{4E00}'..='\u{9FFF}').contains(&char))
        });
        if left == 0 || !is_word {
            continue;
        }
        left -= 1;
        let fill = dice.of(FILL);
        chars[at] = match dice.below(4) {
            0 => None,
            1 => chars[at].take().map(|text| format!("{text}{fill}")),
            _ => Some(format!("{fill}\u{200b}")),
        };
    }
    (left == 0).then(|| chars.into_iter().flatten().collect())
}

const PLACES: &[&str] = &[
    "解放路",
    "中山路",
    "人民街",
    "新华路",
    "东湖路",
    "文昌街",
    "滨河路",
    "青年路",
    "建设街",
    "和平里小区",
    "阳光小区",
    "翠竹苑",
    "锦绣花园",
    "柳林镇",
    "石桥村",
    "北关社区",
    "南门社区",
    "岚西新区",
    "云溪县",
    "东港区",
];
const OPENINGS: &[&str] = &[
    "今天早上八点开始{}整片都没有水，事先没有接到任何通知。",
    "请问{}什么时候才能把路修好，已经挖开一个多月了。",
    "昨天晚上{}又停电了，一直停到后半夜。",
    "我是{}的住户，想反映一下楼下烧烤摊的油烟问题。",
    "孩子在{}上小学，这学期突然说要收课后服务费。",
    "{}的公交车等了四十分钟还没有来，上班又要迟到了。",
    "家里老人住在{}，腿脚不方便，电梯坏了快半个月。",
    "从外地回到{}，社区说要先报备，可是电话一直打不通。",
    "{}的工地每天夜里都在施工，吵得全家睡不着觉。",
    "在{}买的房子，说好去年交房，到现在还是毛坯。",
    "{}旁边的垃圾站臭气熏天，夏天根本不敢开窗。",
    "刚刚路过{}，看见消防车来了好几辆，不知道出了什么事。",
];
const MIDDLES: &[&str] = &[
    "打了三次热线，每次都说已经转给相关部门处理。",
    "物业说不归他们管，让我们自己去找自来水公司。",
    "邻居们建了一个群，里面已经有两百多户人家在反映同样的情况。",
    "社区的人来看过一次，拍了照片就走了，再也没有下文。",
    "我们也不是不讲道理，只是希望提前说一声，大家好有个准备。",
    "网上查不到任何公告，公众号最近一条还是上个星期发的。",
    "听说是因为管道老化要换，可是换一根管子要这么久吗。",
    "楼上有刚出生的孩子，楼下有八十多岁的老人，实在是等不起。",
    "之前也出现过类似的事情，最后都是不了了之。",
    "有人说是施工队挖断了线路，也有人说是变压器烧了，到底哪个是真的。",
    "去窗口问过，工作人员态度倒是不错，就是给不出准确的时间。",
    "合同里写得清清楚楚，现在却说情况有变，谁来给个说法。",
    "一个月下来光是打车就多花了好几百，工资本来就不高。",
    "隔壁小区同样的问题两天就解决了，为什么我们这里拖这么久。",
    "学校只发了一张通知单，上面没有盖章，也没有写明依据。",
    "看了别的城市的做法，人家提前一周就贴了告示，还安排了送水车。",
    "周围的商铺也跟着遭殃，卖菜的大姐说一天的货全坏了。",
    "我把照片和视频都留着，需要的话随时可以提供。",
];
const CLOSINGS: &[&str] = &[
    "希望有关部门能够重视，尽快给大家一个答复。",
    "请问这件事情到底该找哪个单位，能不能给个准话。",
    "不求别的，只求有人管一管。",
    "麻烦看到的朋友帮忙转一下，谢谢大家。",
    "如果今天还没有结果，我们只好一起去上面反映了。",
    "盼回复。",
    "真心希望这座城市越来越好，不要寒了老百姓的心。",
    "已经不抱希望了，发出来就当做个记录吧。",
];

/// A post of about that many characters.
pub(crate) fn post(length: usize, dice: &mut Dice) -> String {
    let mut text = dice.of(OPENINGS).replace("{}", dice.of(PLACES));
    let mut middles: Vec<&str> = MIDDLES.to_vec();
    while text.chars().count() + 20 < length && !middles.is_empty() {
        let at = dice.below(middles.len());
        text.push_str(middles.swap_remove(at));
    }
    if text.chars().count() < length {
        text.push_str(dice.of(CLOSINGS));
    }
    text
}

/// Two texts that must stay two, by kind.
pub(crate) const DIFFERENT: &[&str] = &[
    "notices of two streets",
    "notices for two days",
    "case numbers",
    "bulletins of two days",
    "two outlets, one event",
    "complaints of one matter",
    "complaints with a sentence in common",
    "same opening, other story",
];

/// Two different texts on one matter.
pub(crate) fn different(kind: &str, dice: &mut Dice) -> (String, String) {
    let (one, other) = two(PLACES, dice);
    let (n, m) = (3 + dice.below(40), 50 + dice.below(40));
    match kind {
        "notices of two streets" => {
            let texts = [
                "【停水通知】因供水管道检修，{}沿线将于明日8时至18时停水，请居民提前储水，给您带来不便敬请谅解。",
                "停电公告：{}一带明天上午九点到下午五点计划停电，请做好准备。",
                "尊敬的用户，为保障供水安全，我公司定于2月3日对{}管网进行改造，届时将影响周边小区正常用水，\
                 恢复时间视施工进度而定，如有疑问请拨打服务热线。施工期间车辆请绕行，不便之处敬请谅解，感谢支持。",
            ];
            let text = dice.of(&texts);
            (text.replace("{}", one), text.replace("{}", other))
        }
        "notices for two days" => {
            let text = |day: usize| {
                format!(
                    "【停水通知】因供水管道检修，{one}沿线将于{day}日8时至18时停水，请居民提前储水，敬请谅解。"
                )
            };
            (text(n % 28 + 1), text(m % 28 + 1 + usize::from(n % 28 == m % 28)))
        }
        "case numbers" => {
            let text = |cases: usize| {
                format!("青岚市昨日新增{cases}例本土确诊病例，均在集中隔离点发现，详情正在通报")
            };
            (text(n), text(m))
        }
        "bulletins of two days" => {
            let text = |a: usize, b: usize| {
                format!(
                    "{a}月{}日0时至24时，青岚市新增确诊病例{a}例，其中{one}{}例，{other}{}例；新增无症状感染者{b}例。\
                     当日治愈出院{}例，解除医学观察{}人。截至当日24时，累计报告确诊病例{}例，现有重症{}例。\
                     请广大市民继续做好个人防护，减少聚集，如有发热咳嗽等症状请及时就医。",
                    b % 28,
                    a / 2,
                    a - a / 2,
                    b / 3,
                    b * 7,
                    a + b * 10,
                    a % 5
                )
            };
            (text(n, m), text(n + 1, m + 2))
        }
        "two outlets, one event" => {
            let (one, other) = dice.of(OUTLETS);
            (one.to_owned(), other.to_owned())
        }
        "complaints of one matter" => complaints(60 + n * 3, dice),
        "complaints with a sentence in common" => {
            let (one, other) = complaints(80 + n, dice);
            let shared = dice.of(MIDDLES);
            let with = |text: String| if text.contains(shared) { text } else { text + shared };
            (with(one), with(other))
        }
        _ => {
            let opening = "本报青岚讯 记者从市政府新闻办今天召开的新闻发布会上获悉，";
            let (one, other) = complaints(100, dice);
            (format!("{opening}{one}"), format!("{opening}{other}"))
        }
    }
}

/// Two people's words about the same troubles: no opening and no sentence in common.
fn complaints(length: usize, dice: &mut Dice) -> (String, String) {
    let one = post(length, dice);
    loop {
        let other = post(length, dice);
        let sentences = |text: &str| text.split_inclusive('。').map(str::to_owned).collect::<Vec<_>>();
        let ours = sentences(&one);
        let alike = sentences(&other).iter().any(|sentence| ours.contains(sentence));
        let opens_alike = one.chars().skip(1).zip(other.chars().skip(1)).filter(|(a, b)| a == b).count() > 12;
        if !alike && !opens_alike {
            return (one, other);
        }
    }
}

const OUTLETS: &[(&str, &str)] = &[
    (
        "青岚日报讯 昨日下午三时许，东湖路一处在建工地发生脚手架坍塌，两名工人受伤，已送往市第一医院救治，均无生命危险。\
         区应急管理局已介入调查，工地目前停工整顿。",
        "岚江晚报消息：东湖路在建楼盘脚手架昨天倒塌，有两人受伤送医，暂无生命危险。记者从区应急局了解到，事故原因正在调查之中，\
         该项目已被责令全面停工。",
    ),
    (
        "市教育局今天发布通知，全市中小学和幼儿园将于2月24日起分批错峰开学，高三、初三年级先行返校，返校前需提供七日健康记录。",
        "开学时间定了！记者从市教育局获悉，青岚中小学2月24日起错峰返校，毕业班最先开学，学生要提交一周的健康登记表，家长不入校园。",
    ),
    (
        "受强冷空气影响，今天夜间到明天我市将出现大风降温天气，最低气温降至零下五度，气象台已发布寒潮蓝色预警，请注意防寒保暖。",
        "冷空气来了！青岚气象台发布寒潮蓝色预警：今夜起气温骤降，明早最低零下五度，并伴有大风，外出记得添衣。",
    ),
    (
        "市水务集团通报，北关水厂取水口水质异常已排除，经连续检测各项指标符合国家标准，自今日18时起恢复正常供水，市民可放心使用。",
        "北关水厂恢复供水！水务集团表示，取水口的异味问题已查明并解决，检测结果全部达标，今天18时起各小区陆续来水。",
    ),
    (
        "青岚地铁二号线今晨因信号故障一度限速运行，部分列车延误二十分钟以上，八点四十分恢复正常，运营公司向乘客致歉并可开具延误证明。",
        "早高峰的你被堵了吗？今早地铁二号线信号系统出故障，列车晚点超过二十分钟，直到八点四十分才缓过来，乘客可线上申请致歉信。",
    ),
    (
        "经市人大常委会审议通过，《青岚市养犬管理条例》将于五月一日起施行，重点管理区内每户限养一只，遛犬须束牵引绳，违者最高罚款两千元。",
        "五月一日起遛狗不牵绳最高罚两千！新出台的养犬条例还规定，重点区域一户只能养一只，市民对此看法不一，有人点赞也有人担忧执行难。",
    ),
];

fn two<'a>(several: &[&'a str], dice: &mut Dice) -> (&'a str, &'a str) {
    let at = dice.below(several.len());
    (several[at], several[(at + 1 + dice.below(several.len() - 1)) % several.len()])
}
