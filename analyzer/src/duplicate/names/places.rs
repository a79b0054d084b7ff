//! Places: provinces and prefectures by name, streets, districts and the like by their last character.

use std::sync::LazyLock;

use crate::hash::{SEED, mix};

/// The first two characters of provinces and prefectures. Those that are common words as well (白银, 日照)
/// are left out.
const NAMES: &str = "北京 天津 上海 重庆 河北 山西 内蒙 辽宁 吉林 黑龙 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 \
广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 \
石家 唐山 秦皇 邯郸 邢台 保定 张家 承德 沧州 廊坊 衡水 雄安 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 \
呼和 包头 乌海 赤峰 通辽 鄂尔 呼伦 巴彦 乌兰 兴安 锡林 阿拉 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 \
铁岭 朝阳 葫芦 长春 四平 辽源 通化 白山 松原 白城 延边 哈尔 齐齐 鸡西 鹤岗 双鸭 大庆 伊春 佳木 七台 牡丹 黑河 绥化 \
大兴 南京 无锡 徐州 常州 苏州 南通 连云 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 \
台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 \
漳州 南平 龙岩 宁德 南昌 景德 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 \
泰安 威海 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门 南阳 商丘 信阳 周口 \
驻马 济源 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门 神农 长沙 株洲 湘潭 衡阳 \
邵阳 岳阳 常德 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 \
阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 \
三沙 儋州 成都 自贡 攀枝 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 \
贵阳 六盘 遵义 安顺 毕节 铜仁 黔西 黔东 黔南 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双 大理 德宏 \
怒江 迪庆 拉萨 日喀 昌都 林芝 山南 那曲 阿里 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪 金昌 天水 \
武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南 西宁 海东 海北 黄南 果洛 玉树 海西 银川 石嘴 吴忠 固原 中卫 乌鲁 克拉 \
吐鲁 哈密 昌吉 博尔 巴音 阿克 克孜 喀什 和田 伊犁 塔城 石河";

/// Before these ends the word is a kind of place, no name: 马路, 城市.
const KINDS: &[(char, &str)] = &[
    ('路', "道公马铁上一思线网电出问走让半套末各条这那"),
    ('道', "知报频通管地车人赛隧轨跑味门公铁水河渠难一各这那"),
    ('桥', "大立天过搭各座这那"),
    ('庄', "村各这那"),
    ('园', "校家田乐果这那各"),
    ('街', "上逛大各条这那"),
    ('巷', "小各条这那"),
    ('弄', "里"),
    ('镇', "乡城全本各这那"),
    ('乡', "返回下老家故城离各这那"),
    ('村', "农乡本全各这那"),
    ('县', "全本各区市这那"),
    ('区', "地景山城园灾疫校厂库辖郊市片专禁全本各这那"),
    ('市', "城都超股上门菜夜本全各这那"),
];

/// Characters that stand before such a word, but in no name.
const WORDS: &str = "我你他她它们的这那该各每全某在是有和与到从向了个被把让就也都去来";

/// Two characters with the same name in two directions are two places: a street's second bit.
const DIRECTIONS: &str = "东西南北中上下前后新老一二三四五六七八九十";

/// A set of pairs of characters; membership is all that is asked.
static KNOWN: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut known: Vec<u64> = NAMES
        .split(' ')
        .map(|name| name.chars().fold(0, |whole, char| whole << 21 | u64::from(char)))
        .collect();
    known.sort_unstable();
    known
});

/// A quick look whether a pair of characters may be a name at all, before the exact one.
static PERHAPS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut perhaps = vec![0; 1024];
    for &pair in KNOWN.iter() {
        let bit = mix(SEED, pair) >> 48;
        if let Some(word) = perhaps.get_mut((bit >> 6) as usize) {
            *word |= 1 << (bit & 63);
        }
    }
    perhaps
});

/// The places of a text as a set of bits: two for each name, more where a direction belongs to it.
pub(super) fn bits(text: &[char]) -> u64 {
    let mut bits = 0;
    let perhaps: &[u64] = &PERHAPS;
    let known: &[u64] = &KNOWN;
    for (at, &char) in text.iter().enumerate() {
        if !is_ideograph(char) {
            continue;
        }
        if let Some(&next) = text.get(at + 1) {
            let pair = u64::from(char) << 21 | u64::from(next);
            let bit = mix(SEED, pair) >> 48;
            let maybe = perhaps.get((bit >> 6) as usize).is_some_and(|word| word >> (bit & 63) & 1 == 1);
            if maybe && known.binary_search(&pair).is_ok() {
                bits |= bit_of(1, pair) | bit_of(2, pair);
            }
        }
        if is_end(char) {
            bits |= ended(text.get(..at).unwrap_or_default(), char);
        }
    }
    bits
}

/// The bits of a name that ends here, if it is one.
fn ended(before: &[char], end: char) -> u64 {
    let before = match before {
        // A 小区 or 公园 has its name before it.
        [rest @ .., '小' | '社'] if end == '区' => rest,
        [rest @ .., '花' | '公'] if end == '园' => rest,
        [rest @ .., '大' | '街'] if end == '道' => rest,
        _ => before,
    };
    let [.., first, second] = before else { return 0 };
    let is_kind = KINDS.iter().any(|&(kind, words)| kind == end && words.contains(*second));
    if is_kind || WORDS.contains(*first) || WORDS.contains(*second) {
        return 0;
    }
    if !is_ideograph(*first) || !is_ideograph(*second) {
        return 0;
    }
    let mut bits = 0;
    for (place, &char) in [(3, first), (4, second)] {
        let whole = u64::from(char) << 21 | u64::from(end);
        bits |= bit_of(place, whole);
        if DIRECTIONS.contains(char) {
            bits |= bit_of(place + 2, whole);
        }
    }
    bits
}

/// With these a place name ends.
fn is_end(char: char) -> bool {
    matches!(
        char,
        '路' | '街'
            | '巷'
            | '弄'
            | '道'
            | '桥'
            | '镇'
            | '乡'
            | '村'
            | '庄'
            | '县'
            | '区'
            | '市'
            | '苑'
            | '园'
    )
}

fn bit_of(place: u64, what: u64) -> u64 {
    1 << (mix(mix(SEED, place), what) >> 58)
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{4E00}'..='\u{9FFF}')
}
