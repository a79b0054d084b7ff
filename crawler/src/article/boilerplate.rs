//! What stands around the text of Chinese pages: words of navigation, sharing, sources and rights.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

fn pattern(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// Longer lines, in bytes, are text.
const LONGEST: usize = 1200;

/// Characters of the patterns below as Taiwan and Hong Kong write them …
const TRADITIONAL: &str = "責編輯審對監製錄發佈時間訊來記點擊瀏覽閱讀訪問號體視護評論關鍵詞標簽類欄屬鏈連結轉載樓註冊線後權條頁題報導熱門薦廣聞網應歡還與聲軟戶開長掃碼維單辦術違舉許圖級積華餘沒個請並給選";

/// … and as the patterns do.
const SIMPLIFIED: &str = "责编辑审对监制录发布时间讯来记点击浏览阅读访问号体视护评论关键词标签类栏属链连结转载楼注册线后权条页题报导热门荐广闻网应欢还与声软户开长扫码维单办术违举许图级积华余没个请并给选";

/// The line in simplified characters, as far as the patterns know them.
fn simple(line: &str) -> String {
    static SIMPLE: LazyLock<HashMap<char, char>> =
        LazyLock::new(|| TRADITIONAL.chars().zip(SIMPLIFIED.chars()).collect());
    line.chars().map(|c| SIMPLE.get(&c).copied().unwrap_or(c)).collect()
}

/// What the words of a line say of its place on the page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// It belongs to the page and not to its text.
    pub(super) is_trimming: bool,
    /// It says where an office can be reached.
    pub(super) is_contact: bool,
    /// Behind it are other people's words, or the site's rights.
    pub(super) ends_text: bool,
    /// Behind it are other articles.
    pub(super) leads_away: bool,
}

impl Marks {
    /// Judges a line without white space around it.
    pub(super) fn of(line: &str) -> Marks {
        if line.is_empty() || line.len() > LONGEST {
            return Marks::default();
        }
        let line = simple(line);
        Marks {
            is_trimming: is_line(&line),
            is_contact: is_contact(&line),
            ends_text: ends_text(&line),
            leads_away: leads_away(&line),
        }
    }
}

/// A line that belongs to the page and not to its text.
fn is_line(line: &str) -> bool {
    static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?x)^[\s\[【（(>»·|◆★_-]*(?:
            (?:原标题|责任编辑|实习编辑|责编|编辑|值班编辑|网络编辑|审核|审校|校对|初审|复审|终审|编审|监制|录入|文章录入|发布人|信息来源|稿件来源|文章来源|来源|作者|记者|发布时间|发布日期|发表时间|发表日期|更新时间|点击|点击数|点击次数|点击率|浏览|浏览次数|浏览量|阅读|阅读次数|阅读量|访问次数|访问量|字号|字体|字体大小|视力保护色|人气|评论|关键词|关键字|标签|分类|栏目|所属分类|本文链接|原文链接|转载请注明|楼主|发帖|等级|帖子|积分|精华|威望|注册时间|在线时间|最后登录|阅读权限)\s*[:：\]】]\s*.{0,60}
            |(?:上一篇|下一篇|上一条|下一条|上一页|下一页|前一篇|后一篇|上一主题|下一主题)\s*[:：]?.{0,80}
            |(?:分享到|分享至|分享|转发到|收藏|打印|打印本页|打印本文|打印此页|关闭|关闭窗口|关闭本页|返回顶部|返回列表|返回首页|返回|回到顶部|加入收藏|设为首页|纠错|我要纠错|推荐|推荐阅读|相关阅读|相关新闻|相关文章|相关链接|相关推荐|相关报道|热点推荐|热门推荐|热门文章|热门新闻|猜你喜欢|延伸阅读|精彩推荐|今日推荐|编辑推荐|网友评论|发表评论|我要评论|查看评论|最新评论|全部评论|热门评论|评论|举报|回复|引用|点赞|顶|踩|支持|反对|扫一扫|扫描二维码|微信扫一扫|扫码分享|手机看新闻|更多|更多>>|查看更多|阅读全文|展开全文|登录|注册|首页|当前位置|您的位置|您现在的位置|您当前的位置|你的位置|所在位置|位置)[\s:：>»\]】）)|…]*
            |(?:当前位置|您的位置|您现在的位置|您当前的位置|你的位置|所在位置|位置|您所在的位置)\s*[:：].{0,80}
            |[\s大中小特\[\]【】（）()|A+-]{2,16}
            |.{0,40}(?:版权所有|ICP备|京公网安备|公网安备|Copyright|copyright|All\s?Rights\s?Reserved|Powered\s?by).{0,120}
            |.{0,60}(?:违法和不良信息举报|增值电信业务|互联网新闻信息服务许可证|网站标识码|未经.{0,12}授权.{0,8}(?:不得|禁止)|本网站由.{0,30}主办|主办单位\s*[:：]|承办单位\s*[:：]|技术支持\s*[:：]|建议使用.{0,40}(?:分辨率|浏览器)).{0,120}
            |(?:免责声明|版权声明|特别声明|郑重声明)\s*[:：].{0,300}
            |(?:扫一扫|扫描|长按|关注).{0,20}(?:二维码|公众号|微信).{0,30}
            |(?:打印|关闭|收藏|分享|纠错|字号|大|中|小|返回|顶部|\s|[\[\]【】|｜/、])+
            |(?:\s|[\[\]【】()（）|｜/、·]|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}:\d{2}|\d{1,7})*(?:回复|引用|举报|支持|反对|点赞|评论|赞同|赞|踩|顶|登录|注册|只看该作者|使用道具|收藏|分享|打赏)(?:回复|引用|举报|支持|反对|点赞|评论|赞同|赞|踩|顶|登录|注册|只看该作者|使用道具|收藏|分享|打赏|\s|[\[\]【】()（）|｜/、·]|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}:\d{2}|\d{1,7})*
            |(?:共有?|全部)?\s*\d+\s*(?:个|条)(?:回答|回复)
            |(?:(?:楼主|沙发|板凳|地板|\d+\s*[楼\#])\s*[|｜]?\s*)?发表于.{0,30}
            |[-－—=\s·]*(?:广告|END|end|完|全文完|本文完|没有更多了)[-－—=\s·]*
            |相关专题\s*[:：]?.{0,40}
            |[^。]{0,40}(?:下载|打开)[^。]{0,4}(?:APP|App|app|客户端)[^。]{0,30}
            |.{0,30}(?:请先登录|登录后(?:才能|才可以|方可|即可)|您还没有登录)[^。]{0,30}。?
            |.{0,40}(?:不代表本(?:站|网|报|刊|平台|公众号)|仅代表作者|作者独立观点|版权归.{0,8}作者|如有侵权|如涉及?侵权).{0,100}
            )$",
        )
    });
    WHOLE.as_ref().is_some_and(|whole| whole.is_match(line))
}

/// A line of dates, sources and counters under a title: `2020-02-03 08:15 来源：本报 浏览：32 次`.
pub(super) fn is_particulars(line: &str) -> bool {
    static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?x)(?:来源|作者|发布时间|发布日期|发表时间|发表于|发表日期|更新时间|时间|日期|浏览|阅读|点击|访问|字号|字体|编辑|评论|人气|回复|查看|次数|责编|打印|关闭|分享|发布者|发布机构|信息来源|索\s?引\s?号)
            |(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}[:：]\d{2}",
        )
    });
    let line = simple(line);
    let length = line.chars().filter(|c| !c.is_whitespace()).count();
    if length > 120 || line.contains(['。', '！', '？']) {
        return false;
    }
    let Some(parts) = PARTS.as_ref() else { return false };
    let found = parts.find_iter(&line).count();
    let matched: usize = parts.find_iter(&line).map(|part| part.as_str().chars().count()).sum();
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}"));
    let has_day = DAY.as_ref().is_some_and(|day| day.is_match(&line));
    (has_day && length < 80 && !line.contains('，'))
        || found >= 3
        || matched * 2 >= length
        || (found >= 2 && length < 50)
}

/// Where an office or a company can be reached: in a text it is text, at a page's foot it is no reason to
/// take the foot for the text.
fn is_contact(line: &str) -> bool {
    let words =
        ["地址", "邮编", "邮箱", "传真", "电话", "热线", "备案", "许可证", "联系我们", "E-mail", "Email"];
    line.chars().count() < 100 && words.iter().any(|word| line.contains(word)) && !line.contains('。')
}

/// Where the text ends: what stands behind such a line is other people's words, or the site's rights.
fn ends_text(line: &str) -> bool {
    static END: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?x)^[\s\[【（(>»·|◆★■●_-]*(?:
            (?:网友评论|网友回应|网友留言|发表评论|最新评论|全部评论|热门评论|精彩评论|我要评论|评论列表|评论区|读者评论|用户评论|跟帖|版权声明|免责声明|友情链接)
                \s*[（(\[]?\s*(?:共|全部)?\s*\d*\s*(?:条|个)?\s*[)）\]]?
            |(?:共有?|已有|目前有|现有)?\s*\d+\s*(?:人参与|条?跟帖|条评论|个评论|条留言|人评论|位网友评论|人跟帖).{0,20}
            |《.{1,60}》\s*有\s*\d+\s*(?:个想法|条评论|条留言|个评论)
            )[\s:：>»\]】）)|…]*$",
        )
    });
    END.as_ref().is_some_and(|end| end.is_match(line))
}

/// A line that leads to other articles: the text ends there unless it goes on beside what stood before.
fn leads_away(line: &str) -> bool {
    static AWAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?x)^[\s\[【（(>»·|◆★■●_-]*(?:相关阅读|相关新闻|相关文章|相关链接|相关推荐|相关报道|相关信息|相关内容|相关主题|相关问题|推荐阅读|延伸阅读|热点推荐|热门推荐|热门文章|热门新闻|猜你喜欢|您可能感兴趣|你可能感兴趣|你可能也喜欢|看了又看|大家都在看|精彩推荐|精彩图文|今日推荐|编辑推荐|为你推荐|往期回顾|更多新闻|更多视频)[\s:：>»\]】）)|…]*$",
        )
    });
    AWAY.as_ref().is_some_and(|away| away.is_match(line))
}

/// Whether the class or id of an element says that it is no text.
pub(super) fn is_named_so(name: &str) -> bool {
    static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?xi)(?:^|[\s_-])(?:nav|navi|navbar|navigation|menu|menubar|breadcrumbs?|crumbs?|foot|footer|footers|copyright|copy|banquan
            |sidebar|side|aside|related?|relation|relates|recommend(?:ed|s|ation)?|tuijian|xiangguan|hot|hots|hotnews|rank|ranking|top10|paihang
            |share|shares|sharing|fenxiang|bdsharebuttonbox|social|toolbar|tools|comments?|pinglun|reply-?box|respond|commentlist|disqus
            |ads?|advert|advertisement|guanggao|gg|banner|sponsor|popup|modal|dialog|login|register|search|searchbox|sousuo
            |links|friendlinks?|youqing|qrcode|erweima|tags?|pagination|pager|prenext|pre-?next|updown|shang-?xia|disclaimer|daohang|weizhi|position|location)
            (?:$|[\s_-]|\d)",
        )
    });
    NAMES.as_ref().is_some_and(|names| names.is_match(name))
}

/// Whether the class or id of an element says that it is the foot of the page.
pub(super) fn is_foot(name: &str) -> bool {
    static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(r"(?i)(?:^|[\s_-])(?:foot|footer|footers|copyright|banquan)(?:$|[\s_-]|\d)")
    });
    NAMES.as_ref().is_some_and(|names| names.is_match(name))
}
