-- One row when session $1 may act on business date $2: who it is and what they may do now. Under a password that an administrator
-- gave that is nothing but changing it, and nothing at all when its time is over. A closed account is still seen by its last holder:
-- he signs in anew for his final bill.
SELECT s.principal, s.principal_id, s.label,
       coalesce(u.sectors, '{}') AS sectors,
       coalesce(u.districts, '{}') AS districts,
       CASE s.principal
           WHEN 'user' THEN ARRAY(SELECT DISTINCT p.permission FROM access.staff_role r
                                  JOIN access.role_permission p USING (role)
                                  WHERE r.staff_id = u.id AND u.one_time_until IS NULL)
           ELSE ARRAY(SELECT permission FROM access.role_permission WHERE role = 'subscriber')
       END AS permissions,
       CASE s.principal
           WHEN 'subscriber' THEN ARRAY(SELECT h.account_id FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id
                                        WHERE h.party_id = s.party_id AND upper_inf(h.recorded)
                                          AND (h.valid @> $2::date OR upper(h.valid) = a.closed_on)
                                        ORDER BY 1 LIMIT 1000)
           ELSE '{}'
       END AS accounts,
       u.one_time_until IS NOT NULL AS password_due
FROM access.session s
LEFT JOIN access.staff u ON s.principal = 'user' AND u.id = s.principal_id
WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
  AND CASE s.principal
          WHEN 'user' THEN u.active AND (u.one_time_until IS NULL OR u.one_time_until > now())
          ELSE EXISTS (SELECT FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id
                       WHERE h.account_id = s.principal_id AND h.party_id = s.party_id
                         AND upper_inf(h.recorded) AND (h.valid @> $2::date OR upper(h.valid) = a.closed_on))
      END
