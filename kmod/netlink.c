// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "compat.h"
#include "cost.h"
#include "message.h"
#include "netlink.h"
#include "uapi/schedsplit.h"

static struct genl_family family;

#define missing(extack, attribute)					\
({									\
	struct netlink_ext_ack *ack = extack;				\
									\
	NL_SET_ERR_ATTR_MISS(ack, NULL, attribute);			\
	NL_SET_ERR_MSG(ack, "attribute " #attribute " is missing");	\
	-EINVAL;							\
})

/* --- who may --- */

/*
 * A socket that has had a command permitted. Only these are told of deaths: for
 * joining a multicast group, generic netlink asks for CAP_NET_ADMIN in the user
 * namespace of the socket's net namespace, whichever that is, and for no pid
 * namespace; and who joins cannot be refused by the family.
 *
 * Watches and costs belong to a caller, not to a number: netlink_release() gives
 * that away before anybody hears of the release.
 */
struct caller {
	struct list_head node;
	struct sock *sk;
	u32 portid;
};

static LIST_HEAD(callers);
static DEFINE_MUTEX(callers_mutex);

/* Context: callers_mutex held. */
static struct caller *caller_of(const struct sock *sk)
{
	struct caller *caller;

	list_for_each_entry(caller, &callers, node)
		if (caller->sk == sk)
			return caller;
	return NULL;
}

static struct caller *find_or_add_caller(struct sock *sk, u32 portid)
{
	struct caller *caller;

	mutex_lock(&callers_mutex);
	caller = caller_of(sk);
	if (caller)
		goto unlock;
	caller = kmalloc(sizeof(*caller), GFP_KERNEL);
	if (!caller) {
		caller = ERR_PTR(-ENOMEM);
		goto unlock;
	}
	caller->sk = sk;
	caller->portid = portid;
	list_add(&caller->node, &callers);
unlock:
	mutex_unlock(&callers_mutex);
	return caller;
}

/* Who is told no more; NULL: of that number no caller's socket is closing. */
static struct caller *take_closing(u32 portid)
{
	struct caller *caller;

	mutex_lock(&callers_mutex);
	list_for_each_entry(caller, &callers, node) {
		if (caller->portid == portid && sock_flag(caller->sk, SOCK_DEAD)) {
			list_del(&caller->node);
			goto unlock;
		}
	}
	caller = NULL;
unlock:
	mutex_unlock(&callers_mutex);
	return caller;
}

/* pids mean something else in other namespaces. ERR_PTR() with extack. */
static struct caller *check_caller(struct sk_buff *request,
				   struct netlink_ext_ack *extack)
{
	if (task_active_pid_ns(current) == &init_pid_ns)
		return find_or_add_caller(NETLINK_CB(request).sk,
					  NETLINK_CB(request).portid);
	NL_SET_ERR_MSG(extack, "the caller is not in the initial pid namespace");
	return ERR_PTR(-EPERM);
}

/* The watch that A_WATCH names; ERR_PTR() with extack. For watch_put(). */
static struct watch *watch_of(struct nlattr **attrs, const struct caller *caller,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[SCHEDSPLIT_A_WATCH];
	struct watch *watch;

	if (!attr)
		return ERR_PTR(missing(extack, SCHEDSPLIT_A_WATCH));
	watch = watch_get(nla_get_u32(attr), caller);
	if (!watch) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "SCHEDSPLIT_A_WATCH: this socket has no such watch");
		return ERR_PTR(-ENOENT);
	}
	return watch;
}

/* An answer to @info, which @command has begun; NULL without memory. */
static struct sk_buff *answer_begin(struct genl_info *info, size_t size,
				    void **header)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &family, 0, info->genlhdr->cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int answer_send(struct genl_info *info, struct sk_buff *skb,
		       void *header, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static unsigned int records_max;

static int info_get(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	void *header;

	skb = answer_begin(info, MESSAGE_INFO_SIZE, &header);
	if (!skb)
		return -ENOMEM;
	return answer_send(info, skb, header, message_info(skb, records_max));
}

/* --- costs --- */

static int cost_attach_doit(struct sk_buff *request, struct genl_info *info)
{
	int err = cost_attach(info->user_ptr[0]);

	if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack,
			       "this kernel has no hook for the end of a switch");
	else if (err == -EEXIST)
		NL_SET_ERR_MSG(info->extack,
			       "this socket has attached the hook already");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "ftrace is off: sysctl kernel.ftrace_enabled=1");
	return err;
}

static int cost_detach_doit(struct sk_buff *request, struct genl_info *info)
{
	int err = cost_detach(info->user_ptr[0]);

	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "this socket has not attached the hook");
	return err;
}

/* --- watches --- */

/* All A_PID of the request, which validation has found to be u32s. */
static u32 *collect_pids(struct genl_info *info, unsigned int *n)
{
	struct nlattr *attr;
	unsigned int count = 0;
	u32 *pids;
	int left;

	pids = kmalloc_array(SCHEDSPLIT_PIDS_MAX, sizeof(*pids), GFP_KERNEL);
	if (!pids)
		return ERR_PTR(-ENOMEM);
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), left) {
		if (nla_type(attr) != SCHEDSPLIT_A_PID)
			continue;
		if (count == SCHEDSPLIT_PIDS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "SCHEDSPLIT_A_PID: too many");
			kfree(pids);
			return ERR_PTR(-E2BIG);
		}
		pids[count++] = nla_get_u32(attr);
	}
	*n = count;
	return pids;
}

/* The @n-th A_PID of the request. */
static struct nlattr *nth_pid(struct genl_info *info, unsigned int n)
{
	struct nlattr *attr;
	int left;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), left)
		if (nla_type(attr) == SCHEDSPLIT_A_PID && !n--)
			return attr;
	return NULL;
}

/* Fills in @spec; kfree(spec->pids). Returns 0 or a negative error. */
static int parse_spec(struct genl_info *info, struct watch_spec *spec)
{
	struct nlattr **attrs = info->attrs;
	bool by_pid, by_cgroup;
	const u32 *pids;

	if (!attrs[SCHEDSPLIT_A_KIND])
		return missing(info->extack, SCHEDSPLIT_A_KIND);
	spec->kind = nla_get_u32(attrs[SCHEDSPLIT_A_KIND]);
	by_pid = spec->kind == SCHEDSPLIT_KIND_GROUP ||
		 spec->kind == SCHEDSPLIT_KIND_TASK;
	by_cgroup = spec->kind == SCHEDSPLIT_KIND_CGROUP;
	if (by_pid && !attrs[SCHEDSPLIT_A_PID])
		return missing(info->extack, SCHEDSPLIT_A_PID);
	if (by_cgroup && !attrs[SCHEDSPLIT_A_CGROUP])
		return missing(info->extack, SCHEDSPLIT_A_CGROUP);
	if (!by_pid && attrs[SCHEDSPLIT_A_PID]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SCHEDSPLIT_A_PID],
				    "SCHEDSPLIT_A_PID does not go with this SCHEDSPLIT_A_KIND");
		return -EINVAL;
	}
	if (!by_cgroup && attrs[SCHEDSPLIT_A_CGROUP]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SCHEDSPLIT_A_CGROUP],
				    "SCHEDSPLIT_A_CGROUP does not go with this SCHEDSPLIT_A_KIND");
		return -EINVAL;
	}
	if (by_cgroup) {
		spec->cgroup = nla_data(attrs[SCHEDSPLIT_A_CGROUP]);
		if (*spec->cgroup != '/') {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    attrs[SCHEDSPLIT_A_CGROUP],
					    "SCHEDSPLIT_A_CGROUP does not begin with a slash");
			return -EINVAL;
		}
	}
	if (by_pid) {
		pids = collect_pids(info, &spec->nr_pids);
		if (IS_ERR(pids))
			return PTR_ERR(pids);
		spec->pids = pids;
	}
	return 0;
}

static void explain(struct genl_info *info, const struct watch_spec *spec,
		    int err)
{
	struct nlattr *cgroup = info->attrs[SCHEDSPLIT_A_CGROUP];
	struct netlink_ext_ack *extack = info->extack;

	switch (err) {
	case -ESRCH:
		NL_SET_ERR_MSG_ATTR(extack, nth_pid(info, spec->bad),
				    "SCHEDSPLIT_A_PID: no such task: it may have ended");
		break;
	case -ECHILD:
		NL_SET_ERR_MSG_ATTR(extack, nth_pid(info, spec->bad),
				    "SCHEDSPLIT_A_PID: a thread, not a process: watch it as a task");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "too many watches: end one first");
		break;
	case -ENOENT:
	case -ENOTDIR:
		NL_SET_ERR_MSG_ATTR(extack, cgroup,
				    "SCHEDSPLIT_A_CGROUP: no such cgroup v2");
		break;
	default:
		break;
	}
}

static int watch_new_doit(struct sk_buff *request, struct genl_info *info)
{
	struct watch_spec spec = {};
	struct watch *watch;
	struct sk_buff *skb;
	void *header;
	int err;

	/* Before the watch, or it would outlive a reply that failed. */
	skb = answer_begin(info, NLMSG_DEFAULT_SIZE, &header);
	if (!skb)
		return -ENOMEM;
	err = parse_spec(info, &spec);
	if (err)
		goto free;
	watch = watch_new(&spec, info->user_ptr[0]);
	if (IS_ERR(watch)) {
		err = PTR_ERR(watch);
		explain(info, &spec, err);
		if (err == -ECHILD)
			err = -ESRCH;
		goto free;
	}
	kfree(spec.pids);
	err = nla_put_u32(skb, SCHEDSPLIT_A_WATCH, watch->id);
	err = answer_send(info, skb, header, err);
	/* The socket does not know of it. */
	if (err)
		watch_del(watch);
	watch_put(watch);
	return err;
free:
	kfree(spec.pids);
	nlmsg_free(skb);
	return err;
}

static int watch_stop_doit(struct sk_buff *request, struct genl_info *info)
{
	struct watch *watch = watch_of(info->attrs, info->user_ptr[0],
				       info->extack);

	if (IS_ERR(watch))
		return PTR_ERR(watch);
	watch_stop(watch);
	watch_put(watch);
	return 0;
}

static int watch_del_doit(struct sk_buff *request, struct genl_info *info)
{
	struct watch *watch = watch_of(info->attrs, info->user_ptr[0],
				       info->extack);

	if (IS_ERR(watch))
		return PTR_ERR(watch);
	watch_del(watch);
	watch_put(watch);
	return 0;
}

static u64 *alloc_scratch(void)
{
	return kmalloc_array(MESSAGE_CONCURRENCIES * concurrency_slots(),
			     sizeof(u64), GFP_KERNEL);
}

static int watch_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct watch *watch = watch_of(info->attrs, info->user_ptr[0],
				       info->extack);
	struct sk_buff *skb = NULL;
	u64 *scratch;
	void *header;
	int err = -ENOMEM;

	if (IS_ERR(watch))
		return PTR_ERR(watch);
	scratch = alloc_scratch();
	if (scratch)
		skb = answer_begin(info, message_concurrency_size() + 256,
				   &header);
	if (skb)
		err = answer_send(info, skb, header,
				  message_watch(skb, watch, scratch));
	kfree(scratch);
	watch_put(watch);
	return err;
}

/* --- dumps --- */

/* For each CPU in a CPU_GET dump: classes, lives, costs of spaces, signals. */
enum {
	CPU_MESSAGE_LIFE = SCHEDSPLIT_CLASSES,
	CPU_MESSAGE_COST = CPU_MESSAGE_LIFE +
			   SCHEDSPLIT_LIVES * SCHEDSPLIT_CLASSES,
	CPU_MESSAGE_SIGNALS = CPU_MESSAGE_COST + SCHEDSPLIT_SPACES,
	CPU_MESSAGES,
};

/**
 * struct dump - between the messages of a dump; in cb->args[0]
 * @watch:	the one that was named, or NULL
 * @readings:	CPU_GET: all of them
 * @time:	CPU_GET: when they were taken
 * @next:	CPU_GET: CPU * CPU_MESSAGES + message that comes next: a class,
 *		or from CPU_MESSAGE_* on
 * @at:		otherwise the element of the watch's list that was last told of,
 *		which stays as long as @watch
 * @left:	so many are to be told of still
 * @scratch:	GROUP_GET: room for concurrencies
 */
struct dump {
	struct watch *watch;
	struct reading *readings;
	u64 time;
	unsigned int next;
	struct list_head *at;
	u32 left;
	u64 *scratch;
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	return (struct dump *)cb->args[0];
}

static int dump_done(struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);

	if (!dump)
		return 0;
	kvfree(dump->readings);
	kfree(dump->scratch);
	if (dump->watch)
		watch_put(dump->watch);
	kfree(dump);
	cb->args[0] = 0;
	return 0;
}

/*
 * Before the first message, where a watch may, or (@needed) must, be named. Not
 * from .start: on 6.1 that has no extended ack.
 */
static int dump_begin(struct netlink_callback *cb, bool needed)
{
	struct nlattr **attrs = compat_dump_attrs(cb);
	struct watch *watch = NULL;
	struct caller *caller;
	struct dump *dump;

	caller = check_caller(cb->skb, cb->extack);
	if (IS_ERR(caller))
		return PTR_ERR(caller);
	if (needed || attrs[SCHEDSPLIT_A_WATCH]) {
		watch = watch_of(attrs, caller, cb->extack);
		if (IS_ERR(watch))
			return PTR_ERR(watch);
	}
	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump) {
		if (watch)
			watch_put(watch);
		return -ENOMEM;
	}
	dump->watch = watch;
	cb->args[0] = (long)dump;
	return 0;
}

/* Buffers have to hold the largest message. */
static int cpu_get_start(struct netlink_callback *cb)
{
	BUILD_BUG_ON(MESSAGE_COST_SIZE > MESSAGE_CPU_SIZE ||
		     MESSAGE_LIFE_SIZE > MESSAGE_CPU_SIZE);
	cb->min_dump_alloc = MESSAGE_CPU_SIZE + NLMSG_HDRLEN + GENL_HDRLEN;
	return 0;
}

static int group_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = message_concurrency_size() + MESSAGE_TASK_SIZE;
	return 0;
}

static int cpu_get_begin(struct netlink_callback *cb)
{
	struct dump *dump;
	int err;

	err = dump_begin(cb, false);
	if (err)
		return err;
	dump = dump_of(cb);
	dump->time = ktime_get_ns();
	dump->readings = counters_read(dump->watch);
	return dump->readings ? 0 : -ENOMEM;
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &family, NLM_F_MULTI, cmd);
}

/*
 * A message that has no room waits for the next buffer: then the length says
 * that there is more. One that would not fit an empty buffer is an error.
 */
static int dump_stop(struct sk_buff *skb, void *header, int err)
{
	genlmsg_cancel(skb, header);
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

/* One message of a CPU. */
static int put_message(struct sk_buff *skb, const struct dump *dump,
		       unsigned int cpu, unsigned int message)
{
	const struct reading *reading = &dump->readings[cpu];
	unsigned int n;

	if (message >= CPU_MESSAGE_SIGNALS)
		return message_signals(skb, reading, dump->time, cpu);
	if (message >= CPU_MESSAGE_COST)
		return message_cost(skb, reading, dump->time, cpu,
				    message - CPU_MESSAGE_COST);
	if (message < CPU_MESSAGE_LIFE)
		return message_cpu(skb, reading, dump->time, cpu, message);
	n = message - CPU_MESSAGE_LIFE;
	return message_life(skb, reading, dump->time, cpu,
			    n % SCHEDSPLIT_CLASSES, n / SCHEDSPLIT_CLASSES);
}

/* Is there anything to tell in this message? */
static bool has_message(const struct reading *reading, unsigned int message)
{
	const struct counters *c = &reading->counters;
	const struct cost_counters *cost = &c->cost;
	unsigned int n;

	if (message >= CPU_MESSAGE_SIGNALS)
		return memchr_inv(&c->signals, 0, sizeof(c->signals));
	if (message >= CPU_MESSAGE_COST) {
		n = message - CPU_MESSAGE_COST;
		return (!n && cost->missed) ||
		       memchr_inv(cost->hist[n], 0, sizeof(cost->hist[n]));
	}
	if (message < CPU_MESSAGE_LIFE)
		return true;
	n = message - CPU_MESSAGE_LIFE;
	return memchr_inv(c->life[n / SCHEDSPLIT_CLASSES][n % SCHEDSPLIT_CLASSES],
			  0, sizeof(c->life[0][0]));
}

static int cpu_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned int cpu, message;
	struct dump *dump;
	void *header;
	int err;

	err = dump_of(cb) ? 0 : cpu_get_begin(cb);
	if (err)
		return err;
	dump = dump_of(cb);
	for (; dump->next < nr_cpu_ids * CPU_MESSAGES; dump->next++) {
		cpu = dump->next / CPU_MESSAGES;
		message = dump->next % CPU_MESSAGES;
		if (!dump->readings[cpu].valid ||
		    !has_message(&dump->readings[cpu], message))
			continue;
		header = dump_put(skb, cb, SCHEDSPLIT_CMD_CPU_GET);
		if (!header)
			return skb->len ?: -EMSGSIZE;
		err = put_message(skb, dump, cpu, message);
		if (err)
			return dump_stop(skb, header, err);
		genlmsg_end(skb, header);
	}
	return 0;
}

/*
 * One message for each element of a list that only grows, behind @dump->at,
 * which has been told of; not for what comes later, or a dump might never end.
 */
static int dump_list(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct list_head *end, u8 cmd,
		     int (*fill)(struct sk_buff *skb, struct dump *dump,
				 struct list_head *element))
{
	struct dump *dump = dump_of(cb);
	struct list_head *next;
	void *header;
	int err;

	for (;; dump->at = next, dump->left--) {
		/* Pairs with list_add_tail_rcu(); nothing is ever removed. */
		next = READ_ONCE(dump->at->next);
		cb->seq = READ_ONCE(dump->watch->generation);
		if (next == end || !dump->left)
			return 0;
		header = dump_put(skb, cb, cmd);
		if (!header)
			return skb->len ?: -EMSGSIZE;
		genl_dump_check_consistent(cb, header);
		err = fill(skb, dump, next);
		if (err)
			return dump_stop(skb, header, err);
		genlmsg_end(skb, header);
	}
}

static int fill_group(struct sk_buff *skb, struct dump *dump,
		      struct list_head *element)
{
	return message_group(skb, list_entry(element, struct group, in_watch),
			     dump->scratch);
}

static int fill_task(struct sk_buff *skb, struct dump *dump,
		     struct list_head *element)
{
	return message_task(skb, list_entry(element, struct record, in_watch));
}

static int group_get_begin(struct netlink_callback *cb)
{
	struct dump *dump;
	int err;

	err = dump_begin(cb, true);
	if (err)
		return err;
	dump = dump_of(cb);
	dump->at = &dump->watch->groups;
	dump->left = READ_ONCE(dump->watch->nr_groups);
	dump->scratch = alloc_scratch();
	return dump->scratch ? 0 : -ENOMEM;
}

static int group_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err = dump_of(cb) ? 0 : group_get_begin(cb);

	return err ?: dump_list(skb, cb, &dump_of(cb)->watch->groups,
				SCHEDSPLIT_CMD_GROUP_GET, fill_group);
}

static int task_get_begin(struct netlink_callback *cb)
{
	struct dump *dump;
	int err;

	err = dump_begin(cb, true);
	if (err)
		return err;
	dump = dump_of(cb);
	dump->at = &dump->watch->records;
	dump->left = READ_ONCE(dump->watch->nr_records);
	return 0;
}

static int task_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err = dump_of(cb) ? 0 : task_get_begin(cb);

	return err ?: dump_list(skb, cb, &dump_of(cb)->watch->records,
				SCHEDSPLIT_CMD_TASK_GET, fill_task);
}

/* --- deaths --- */

/**
 * netlink_exit_is_awaited() - does anybody listen to the group "exits"?
 *
 * Context: any.
 */
bool netlink_exit_is_awaited(void)
{
	return genl_has_listeners(&family, &init_net, 0);
}

#ifdef COMPAT_MULTICAST_FILTER
static int is_no_caller(struct sock *sk, struct sk_buff *skb, void *unused)
{
	bool is_caller;

	mutex_lock(&callers_mutex);
	is_caller = caller_of(sk);
	mutex_unlock(&callers_mutex);
	return !is_caller;
}

static void tell_callers(struct sk_buff *skb)
{
	genlmsg_multicast_netns_filtered(&family, &init_net, skb, 0, 0,
					 GFP_KERNEL, is_no_caller, NULL);
}
#else
/*
 * One by one. Which groups a socket is in is the kernel's secret, but not whether
 * it is in any, or has been. To the socket itself: its number may be another's.
 */
static void tell_callers(struct sk_buff *skb)
{
	struct caller *caller;
	struct sk_buff *copy;
	int err;

	mutex_lock(&callers_mutex);
	list_for_each_entry(caller, &callers, node) {
		if (hlist_unhashed_lockless(&caller->sk->sk_bind_node))
			continue;
		copy = skb_clone(skb, GFP_KERNEL);
		err = copy ? sock_queue_rcv_skb(caller->sk, copy) : -ENOMEM;
		if (!err)
			continue;
		kfree_skb(copy);
		/* Its own filter (sk_filter()) loses nothing. */
		if (err == -EPERM)
			continue;
		/* No room: as netlink_overrun(). */
		caller->sk->sk_err = ENOBUFS;
		sk_error_report(caller->sk);
	}
	mutex_unlock(&callers_mutex);
	nlmsg_free(skb);
}
#endif

/** netlink_notify_exit() - tell that @r's task has died. Context: process. */
void netlink_notify_exit(struct record *r)
{
	struct sk_buff *skb = genlmsg_new(MESSAGE_TASK_SIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		goto lost;
	header = genlmsg_put(skb, 0, 0, &family, 0, SCHEDSPLIT_CMD_EXIT_NTF);
	if (!header || message_task(skb, r)) {
		nlmsg_free(skb);
		goto lost;
	}
	genlmsg_end(skb, header);
	tell_callers(skb);
	return;
lost:
	/* Listeners get ENOBUFS, as from a full buffer. */
	genl_set_err(&family, &init_net, 0, 0, -ENOBUFS);
}

/* A watch ends with its socket. Whoever else closes one is not to wait here. */
static int socket_released(struct notifier_block *block, unsigned long event,
			   void *data)
{
	const struct netlink_notify *notify = data;
	struct caller *caller;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	while ((caller = take_closing(notify->portid))) {
		watch_del_all(caller);
		cost_detach(caller);
		kfree(caller);
	}
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_released,
};

/* --- the family --- */

static int pre_doit(compat_pre_doit_ops *ops, struct sk_buff *skb,
		    struct genl_info *info)
{
	struct caller *caller = check_caller(skb, info->extack);

	if (IS_ERR(caller))
		return PTR_ERR(caller);
	info->user_ptr[0] = caller;
	return 0;
}

static const struct nla_policy watch_policy[] = {
	[SCHEDSPLIT_A_WATCH] = { .type = NLA_U32 },
};

static const struct nla_policy watch_new_policy[] = {
	[SCHEDSPLIT_A_KIND] = NLA_POLICY_MAX(NLA_U32, SCHEDSPLIT_KINDS - 1),
	[SCHEDSPLIT_A_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[SCHEDSPLIT_A_CGROUP] = { .type = NLA_NUL_STRING,
				  .len = SCHEDSPLIT_CGROUP_MAX },
};

static const struct genl_ops ops[] = {
	{
		.cmd = SCHEDSPLIT_CMD_INFO_GET,
		.flags = GENL_ADMIN_PERM,
		.doit = info_get,
	}, {
		.cmd = SCHEDSPLIT_CMD_CPU_GET,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.start = cpu_get_start,
		.dumpit = cpu_get_dumpit,
		.done = dump_done,
	}, {
		.cmd = SCHEDSPLIT_CMD_WATCH_NEW,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_new_policy,
		.maxattr = ARRAY_SIZE(watch_new_policy) - 1,
		.doit = watch_new_doit,
	}, {
		.cmd = SCHEDSPLIT_CMD_WATCH_STOP,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.doit = watch_stop_doit,
	}, {
		.cmd = SCHEDSPLIT_CMD_WATCH_DEL,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.doit = watch_del_doit,
	}, {
		.cmd = SCHEDSPLIT_CMD_WATCH_GET,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.doit = watch_get_doit,
	}, {
		.cmd = SCHEDSPLIT_CMD_GROUP_GET,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.start = group_get_start,
		.dumpit = group_get_dumpit,
		.done = dump_done,
	}, {
		.cmd = SCHEDSPLIT_CMD_TASK_GET,
		.flags = GENL_ADMIN_PERM,
		.policy = watch_policy,
		.maxattr = ARRAY_SIZE(watch_policy) - 1,
		.dumpit = task_get_dumpit,
		.done = dump_done,
	}, {
		.cmd = SCHEDSPLIT_CMD_COST_ATTACH,
		.flags = GENL_ADMIN_PERM,
		.doit = cost_attach_doit,
	}, {
		.cmd = SCHEDSPLIT_CMD_COST_DETACH,
		.flags = GENL_ADMIN_PERM,
		.doit = cost_detach_doit,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = SCHEDSPLIT_MCGRP_EXITS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/*
 * Validation is strict, as resv_start_op is 0. No MODULE_ALIAS_GENL_FAMILY:
 * ctrl_getfamily() loads a module by it for whoever asks. Commands may wait for
 * grace periods: not with genl_mutex, which other families want.
 */
static struct genl_family family = {
	.name = SCHEDSPLIT_GENL_NAME,
	.version = SCHEDSPLIT_GENL_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.pre_doit = pre_doit,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/** netlink_init() - once all else is ready. Returns 0 or a negative error. */
int netlink_init(unsigned int max)
{
	int err;

	records_max = max;
	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

/** netlink_exit() - returns when no request is under way */
void netlink_exit(void)
{
	struct caller *caller, *next;

	genl_unregister_family(&family);
	netlink_unregister_notifier(&socket_notifier);
	mutex_lock(&callers_mutex);
	list_for_each_entry_safe(caller, next, &callers, node) {
		list_del(&caller->node);
		kfree(caller);
	}
	mutex_unlock(&callers_mutex);
}
